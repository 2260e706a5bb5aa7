//! An account of the sandbox.

use cakemail::sandbox::Sandbox;

use crate::Policy;
use crate::emails::Emails;
use crate::worker::Worker;

/// How to write emails that the account may send, and how workers log in.
pub struct TestBed {
    pub emails: Emails,
    user: String,
    password: String,
}

impl TestBed {
    pub fn new(sandbox: &Sandbox, policy: Policy) -> Self {
        let tenant = sandbox.tenant();
        let emails = Emails { sender: tenant.sender_id().to_string(), list: tenant.list_id().get(), policy };
        Self { emails, user: tenant.email().to_owned(), password: tenant.password().to_owned() }
    }

    pub fn logged_in(&self, worker: Worker) -> Worker {
        Worker { user: self.user.clone(), password: self.password.clone(), ..worker }
    }
}
