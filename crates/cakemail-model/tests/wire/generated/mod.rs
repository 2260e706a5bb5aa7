//! Every operation and every open enum of the model.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::call::{Call, body, call, hostile, query};
use crate::enums::{Check, check};

/// A call of each operation, with every field set and ids that would leave their segment if they were not encoded.
pub fn calls() -> Vec<Call> {
    vec![
        call(&cakemail_model::accounts::GetSelfAccount {}),
        call(&cakemail_model::contacts::ListContacts { list_id: hostile(), query: query("listContactsOfList") }),
        call(&cakemail_model::contacts::CreateContact {
            list_id: hostile(),
            body: &body("createContact"),
            query: query("createContact"),
        }),
        call(&cakemail_model::contacts::GetContact { list_id: hostile(), contact_id: hostile() }),
        call(&cakemail_model::contacts::DeleteContact { list_id: hostile(), contact_id: hostile() }),
        call(&cakemail_model::contacts::PatchContact {
            list_id: hostile(),
            contact_id: hostile(),
            body: &body("patchContact"),
        }),
        call(&cakemail_model::contacts::TagContact {
            list_id: hostile(),
            contact_id: hostile(),
            body: &body("tagContact"),
        }),
        call(&cakemail_model::contacts::UnsubscribeContact { list_id: hostile(), contact_id: hostile() }),
        call(&cakemail_model::contacts::UntagContact {
            list_id: hostile(),
            contact_id: hostile(),
            body: &body("untagContact"),
        }),
        call(&cakemail_model::dkim::ListDkimKeys {}),
        call(&cakemail_model::dkim::CreateDkimKey { body: &body("create_dkim_key_brands_default_dkim_post") }),
        call(&cakemail_model::dkim::GetDkimKey { id: hostile() }),
        call(&cakemail_model::dkim::DeleteDkimKey { id: hostile() }),
        call(&cakemail_model::domains::GetDomains {}),
        call(&cakemail_model::domains::PatchDomains { body: &body("patchDomains") }),
        call(&cakemail_model::domains::ValidateDomains {}),
        call(&cakemail_model::emails::SubmitEmail { body: &body("submitEmail") }),
        call(&cakemail_model::emails::GetEmail { email_id: hostile() }),
        call(&cakemail_model::emails::RenderEmail { email_id: hostile(), query: query("renderEmail") }),
        call(&cakemail_model::lists::ListLists { query: query("listLists") }),
        call(&cakemail_model::lists::CreateList { body: &body("createList") }),
        call(&cakemail_model::lists::GetList { list_id: hostile() }),
        call(&cakemail_model::lists::DeleteList { list_id: hostile() }),
        call(&cakemail_model::lists::PatchList { list_id: hostile(), body: &body("patchList") }),
        call(&cakemail_model::lists::AcceptListPolicy { list_id: hostile() }),
        call(&cakemail_model::lists::ArchiveList { list_id: hostile() }),
        call(&cakemail_model::logs::ListEmailSummaries { query: query("getEmailAPISummary") }),
        call(&cakemail_model::logs::ListEmailLogs { query: query("getEmailAPILogs") }),
        call(&cakemail_model::reports::GetEmailReport { query: query("getEmailAPIStats") }),
        call(&cakemail_model::senders::ListSenders { query: query("listSenders") }),
        call(&cakemail_model::senders::CreateSender { body: &body("createSender") }),
        call(&cakemail_model::senders::ConfirmSender { body: &body("confirmSender") }),
        call(&cakemail_model::senders::GetSender { sender_id: hostile() }),
        call(&cakemail_model::senders::DeleteSender { sender_id: hostile() }),
        call(&cakemail_model::senders::PatchSender { sender_id: hostile(), body: &body("patchSender") }),
        call(&cakemail_model::senders::ResendSenderConfirmation { sender_id: hostile() }),
        call(&cakemail_model::suppressions::ListSuppressions { query: query("listSuppressedEmails") }),
        call(&cakemail_model::suppressions::CreateSuppression { body: &body("createSuppressedEmail") }),
        call(&cakemail_model::suppressions::DeleteSuppression { email: hostile() }),
        call(&cakemail_model::tags::ListEmailTags { query: query("listEmailTags") }),
        call(&cakemail_model::tokens::RefreshToken { body: &body("refreshToken"), query: query("refreshToken") }),
        call(&cakemail_model::tokens::CreateToken { body: &body("createToken"), query: query("createToken") }),
        call(&cakemail_model::tokens::AnswerChallenge { body: &body("createTokenFromChallenge") }),
        call(&cakemail_model::users::GetSelfUser {}),
        call(&cakemail_model::webhooks::ListWebhooks { query: query("listWebhooks") }),
        call(&cakemail_model::webhooks::CreateWebhook { body: &body("createWebhook") }),
        call(&cakemail_model::webhooks::GetWebhook { webhook_id: hostile() }),
        call(&cakemail_model::webhooks::PatchWebhook { webhook_id: hostile(), body: &body("patchWebhook") }),
        call(&cakemail_model::webhooks::ArchiveWebhook { webhook_id: hostile() }),
        call(&cakemail_model::webhooks::UnarchiveWebhook { webhook_id: hostile() }),
    ]
}

/// A check of each open enum, with the component that it is generated from.
pub fn enums() -> Vec<(&'static str, Check)> {
    vec![
        ("AccountStatus", |component| {
            check(
                component,
                cakemail_model::accounts::AccountStatus::KNOWN,
                cakemail_model::accounts::AccountStatus::as_str,
            )
        }),
        ("ContactListStatus", |component| {
            check(
                component,
                cakemail_model::contacts::ContactStatus::KNOWN,
                cakemail_model::contacts::ContactStatus::as_str,
            )
        }),
        ("DoubleOptIn", |component| {
            check(
                component,
                cakemail_model::contacts::DoubleOptIn::KNOWN,
                cakemail_model::contacts::DoubleOptIn::as_str,
            )
        }),
        ("AttachmentType", |component| {
            check(
                component,
                cakemail_model::emails::AttachmentType::KNOWN,
                cakemail_model::emails::AttachmentType::as_str,
            )
        }),
        ("Encoding", |component| {
            check(component, cakemail_model::emails::Encoding::KNOWN, cakemail_model::emails::Encoding::as_str)
        }),
        ("SubmitEmailType", |component| {
            check(component, cakemail_model::emails::EmailType::KNOWN, cakemail_model::emails::EmailType::as_str)
        }),
        ("ListWebhookAction", |component| {
            check(
                component,
                cakemail_model::lists::ListWebhookAction::KNOWN,
                cakemail_model::lists::ListWebhookAction::as_str,
            )
        }),
        ("EmailAPISummaryEngagementEnum", |component| {
            check(component, cakemail_model::logs::Engagement::KNOWN, cakemail_model::logs::Engagement::as_str)
        }),
        ("EmailAPISummaryStatus", |component| {
            check(component, cakemail_model::logs::SummaryStatus::KNOWN, cakemail_model::logs::SummaryStatus::as_str)
        }),
        ("LogTypeV2", |component| {
            check(component, cakemail_model::logs::LogType::KNOWN, cakemail_model::logs::LogType::as_str)
        }),
        ("IntervalEnum", |component| {
            check(
                component,
                cakemail_model::reports::ReportInterval::KNOWN,
                cakemail_model::reports::ReportInterval::as_str,
            )
        }),
        ("Languages", |component| {
            check(component, cakemail_model::shared::Language::KNOWN, cakemail_model::shared::Language::as_str)
        }),
        ("EmailTagType", |component| {
            check(component, cakemail_model::tags::TagKind::KNOWN, cakemail_model::tags::TagKind::as_str)
        }),
        ("APIVersion", |component| {
            check(component, cakemail_model::tokens::ApiVersion::KNOWN, cakemail_model::tokens::ApiVersion::as_str)
        }),
        ("PasswordGrantType", |component| {
            check(component, cakemail_model::tokens::GrantType::KNOWN, cakemail_model::tokens::GrantType::as_str)
        }),
        ("RefreshGrantType", |component| {
            check(
                component,
                cakemail_model::tokens::RefreshGrantType::KNOWN,
                cakemail_model::tokens::RefreshGrantType::as_str,
            )
        }),
        ("Scope", |component| {
            check(component, cakemail_model::tokens::Scope::KNOWN, cakemail_model::tokens::Scope::as_str)
        }),
        ("EventType", |component| {
            check(
                component,
                cakemail_model::webhooks::WebhookEvent::KNOWN,
                cakemail_model::webhooks::WebhookEvent::as_str,
            )
        }),
        ("RateLimitPeriod", |component| {
            check(
                component,
                cakemail_model::webhooks::RateLimitPeriod::KNOWN,
                cakemail_model::webhooks::RateLimitPeriod::as_str,
            )
        }),
        ("SignatureHashFunction", |component| {
            check(
                component,
                cakemail_model::webhooks::WebhookHash::KNOWN,
                cakemail_model::webhooks::WebhookHash::as_str,
            )
        }),
        ("WebhookEventType", |component| {
            check(
                component,
                cakemail_model::webhooks::SubscribableEvent::KNOWN,
                cakemail_model::webhooks::SubscribableEvent::as_str,
            )
        }),
        ("WebhookStatus", |component| {
            check(
                component,
                cakemail_model::webhooks::WebhookStatus::KNOWN,
                cakemail_model::webhooks::WebhookStatus::as_str,
            )
        }),
    ]
}
