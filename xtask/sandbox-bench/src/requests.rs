//! The requests whose cost is to stay the same.

use crate::fill::Ids;

/// The name and the path of each request, when `emails` are stored.
pub fn all(ids: &Ids, emails: usize) -> Vec<(&'static str, String)> {
    let (list, last) = (ids.list, (emails / 50).max(1));
    let text = |text: &str| text.to_owned();
    vec![
        ("logs, a page of 50", text("/v2/logs/emails?per_page=50")),
        ("logs, the last page", format!("/v2/logs/emails?per_page=50&page={last}")),
        ("logs, by tag", text("/v2/logs/emails?per_page=50&tags=week-3")),
        ("logs, by kind", text("/v2/logs/emails?per_page=50&log_type=open")),
        ("logs, oldest first", text("/v2/logs/emails?per_page=50&sort=%2Btime")),
        ("summary, a page of 50", text("/logs/emails-summary?per_page=50")),
        ("summary, by status", text("/logs/emails-summary?per_page=50&status===bounced")),
        ("report by days", text("/v2/reports/emails?interval=1d")),
        ("tags", text("/email-tags?per_page=50")),
        ("contacts, a page of 50", format!("/lists/{list}/contacts?per_page=50&with_count=true")),
        ("contacts, the last page", format!("/lists/{list}/contacts?per_page=50&page={last}")),
        ("contacts, by status", format!("/lists/{list}/contacts?per_page=50&with_count=true&filter=status==bounced")),
        ("ledger", text("/_sandbox/ledger")),
        ("ledger, one recipient", text("/_sandbox/ledger?recipient=delivered%2B0@mail0.example.com")),
        ("inbox, a page of 50", text("/_sandbox/messages?per_page=50")),
        ("inbox, the last page", format!("/_sandbox/messages?per_page=50&page={last}")),
        ("search, a word of all", text("/_sandbox/messages?per_page=50&q=warehouse")),
        ("search, a word of one", text("/_sandbox/messages?per_page=50&q=%22parcel777%20has%22")),
        ("search, a word of none", text("/_sandbox/messages?per_page=50&q=warehousemonday")),
        ("search, two letters", text("/_sandbox/messages?per_page=50&q=qx")),
        ("health", text("/_sandbox/health")),
    ]
}
