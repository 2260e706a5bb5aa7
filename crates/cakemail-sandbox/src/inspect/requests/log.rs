//! The stored requests, and indexes of them.

use super::{MAX_BYTES, SeenRequest, Texts};
use crate::domain::index::{Numbers, Rows, Terms};

/// About how much memory a request takes besides its texts, in bytes.
const OVERHEAD: usize = 640;

/// The latest requests. The first one has the number 0 and the id 1.
pub(super) struct Log {
    rows: Rows<Entry>,
    accounts: Terms<i64>,
    max: usize,
    bytes: usize,
}

#[derive(Clone)]
struct Entry {
    request: SeenRequest,
    /// Its method, path, operation and status in lower case, a line for each.
    searched: Box<str>,
}

impl Log {
    /// Stores at most `max` requests.
    pub(super) fn new(max: usize) -> Self {
        Self { rows: Rows::default(), accounts: Terms::default(), max, bytes: 0 }
    }

    /// Sets the id of a request and stores it. Removes the oldest beyond the bounds. Returns the id.
    pub(super) fn push(&mut self, mut request: SeenRequest) -> u64 {
        request.id = u64::from(self.rows.next()) + 1;
        let (id, account) = (request.id, request.account_id);
        let SeenRequest { method, path, operation, status, .. } = &request;
        let searched = format!("{method}\n{path}\n{}\n{status}", operation.unwrap_or_default()).to_lowercase().into();
        let entry = Entry { request, searched };
        self.bytes += entry.cost();
        let number = self.rows.push(entry);
        if let Some(account) = account {
            self.accounts.add(account, number);
        }
        while self.rows.len() > self.max || self.bytes > MAX_BYTES {
            let Some(oldest) = self.rows.first() else { break };
            self.remove(oldest);
        }
        id
    }

    pub(super) fn get(&self, number: u32) -> Option<&SeenRequest> {
        self.rows.get(number).map(|entry| &entry.request)
    }

    /// The requests of an account, or all, that have this text in lower case in a line that is searched.
    pub(super) fn selection(&self, account: Option<i64>, text: &str) -> Numbers {
        let selection = match account {
            Some(account) => (*self.accounts.with(&account)).clone(),
            None => self.rows.numbers().clone(),
        };
        if text.is_empty() {
            return selection;
        }
        let has_text = |number: &u32| self.rows.get(*number).is_some_and(|entry| entry.searched.contains(text));
        selection.into_iter().filter(has_text).collect()
    }

    /// Removes the requests of an account, or all.
    pub(super) fn forget(&mut self, account: Option<i64>) {
        for number in self.selection(account, "") {
            self.remove(number);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn remove(&mut self, number: u32) {
        let Some(entry) = self.rows.remove(number) else { return };
        self.bytes -= entry.cost();
        if let Some(account) = entry.request.account_id {
            self.accounts.remove(&account, number);
        }
    }
}

impl Entry {
    /// The memory that it takes, in bytes.
    fn cost(&self) -> usize {
        let Texts { query, headers, body, response_headers, response_body, base: _ } = &*self.request.texts;
        let SeenRequest { method, path, .. } = &self.request;
        let texts = [method, path, query, headers, &body.text, response_headers, &response_body.text];
        OVERHEAD + self.searched.len() + texts.into_iter().map(String::len).sum::<usize>()
    }
}
