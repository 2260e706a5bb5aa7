//! The table of behaviors.

/// Tests each behavior in a new database, which the expression gives. `None` if it cannot run here.
macro_rules! suite {
    ($database:expr) => {
        $crate::suite::tests! { $database =>
            enqueue: same_key_and_same_content_is_added_once,
            enqueue: same_key_and_other_content_is_an_error_and_adds_nothing,
            enqueue: one_batch_cannot_use_a_key_for_two_emails,
            enqueue: an_invalid_email_is_an_error_and_adds_nothing,
            enqueue: everything_that_was_enqueued_is_read_back,
            enqueue: enqueuing_at_once_adds_each_email_once,
            claim: emails_are_claimed_in_the_order_of_lanes_and_times,
            claim: a_scheduled_email_is_not_claimed_before_its_time,
            claim: looks_come_first_within_their_room,
            claim: an_email_has_one_claim_however_many_owners_ask_at_once,
            claim: a_claim_of_a_running_owner_is_kept_after_its_lease,
            claim: a_claim_of_an_owner_that_ended_is_taken_after_its_lease_and_looked_up,
            claim: rows_that_are_held_do_not_stop_those_behind_them,
            claim: an_owner_without_its_lock_claims_nothing,
            claim: an_expired_email_is_not_claimed,
            claim: one_email_is_claimed_by_its_key,
            claim: a_pause_holds_submissions_back_but_no_looks,
            claim: submissions_get_slots_and_no_more_than_the_rate_has,
            complete: every_outcome_is_stored,
            complete: a_completed_email_is_not_claimed_in_the_same_tick,
            complete: a_completion_of_a_replaced_claim_changes_nothing,
            complete: a_late_acceptance_counts,
            complete: a_late_acceptance_of_a_removed_email_changes_no_other,
            complete: a_repeated_completion_changes_nothing,
            complete: released_emails_are_claimed_again,
            complete: ends_are_told_until_they_are_confirmed,
            complete: an_email_accepted_after_a_time_is_found,
            operate: decisions_follow_the_state_machine,
            operate: pages_list_every_email_once,
            operate: counts_are_by_state,
            operate: pruning_removes_old_ended_emails_only,
            operate: migrations_at_once_create_the_tables_once,
            webhooks: a_delivery_is_new_once_and_done_for_ever,
            webhooks: a_delivery_that_was_forgotten_or_expired_is_new_again,
            webhooks: an_event_updates_its_email_and_changes_no_state,
        }
    };
}

macro_rules! tests {
    ($database:expr => $($module:ident: $case:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            if let Some(database) = $database.await {
                $crate::cases::$module::$case(&database).await;
            }
        }
    )+};
}

pub(crate) use {suite, tests};
