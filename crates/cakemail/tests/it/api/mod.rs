//! The resources of the API. Each test runs over both real transports.

mod account;
mod contacts;
mod emails;
mod idempotent;
mod lists;
mod reports;
mod senders;
mod tokens;
mod wait_for;

use std::collections::BTreeSet;

use crate::support::{MakeTransport, TestBed};

pub use tokens::mfa_code;

macro_rules! api_tests {
    ($($resource:ident: $($test:ident),+;)+) => {
        /// Runs every test and returns the operations that succeeded.
        pub async fn run_all(transport: MakeTransport) -> BTreeSet<&'static str> {
            let mut operations = BTreeSet::new();
            $($(
                let bed = TestBed::over(transport).await;
                $resource::$test(&bed).await;
                operations.extend(succeeded(&bed));
            )+)+
            operations
        }

        api_tests!(@test over_reqwest 0 $($resource: $($test),+;)+);
        api_tests!(@test over_hyper 1 $($resource: $($test),+;)+);
    };
    (@test $name:ident $transport:literal $($resource:ident: $($test:ident),+;)+) => {
        mod $name {
            use crate::support::{TestBed, TRANSPORTS};

            $($(
                #[tokio::test]
                async fn $test() {
                    super::$resource::$test(&TestBed::over(TRANSPORTS[$transport]).await).await;
                }
            )+)+
        }
    };
}

api_tests! {
    account: webhook_lifecycle, domains_are_updated_and_validated, dkim_key_lifecycle, own_user_and_account;
    contacts: contact_lifecycle, contacts_are_filtered_and_paged;
    emails: sends_every_kind_of_content, submits_every_field, shows_the_submitted_email, rejects_suppressed_recipients;
    idempotent: the_same_key_sends_once, send_all_reports_each_email, preflight_reports_each_problem;
    lists: list_lifecycle;
    reports: logs_are_filtered, summaries_are_filtered, reports_count_emails, tags_are_listed;
    senders: own_address_is_confirmed_at_once, other_address_is_confirmed_by_email, sender_is_updated_and_deleted;
    tokens: the_caller_can_keep_tokens, clones_share_one_token;
    wait_for: reaches_every_milestone, ends_when_the_milestone_is_out_of_reach;
}

/// The operations that the sandbox has answered with success.
pub fn succeeded(bed: &TestBed) -> impl Iterator<Item = &'static str> {
    bed.sandbox.requests().into_iter().filter(|request| request.status < 300).filter_map(|request| request.operation)
}
