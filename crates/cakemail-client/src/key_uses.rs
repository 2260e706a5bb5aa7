//! Remembers which email each idempotency key was used for: by the calls in progress, and by the latest ones.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cakemail_model::emails::NewEmail;
use cakemail_model::{AccountId, AttachmentContent, EmailId, EmailStatus};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind, KeyDifference, Result};

/// The keys that a client and its clones used.
///
/// Memory is bounded: a key and an email are kept as hashes of 128 bits, and the latest 5,000 to 10,000 uses are kept.
#[derive(Default)]
pub(crate) struct KeyUses {
    hashers: [RandomState; 2],
    state: Mutex<State>,
    /// Notified whenever a claim ends.
    released: Notify,
}

#[derive(Default)]
struct State {
    claims: HashMap<u128, Fingerprint>,
    /// The two generations of the latest uses: when the new one is full, it becomes the old one.
    new: HashMap<u128, KeyUse>,
    old: HashMap<u128, KeyUse>,
}

const GENERATION: usize = 5_000;

/// What an email is recognized by.
#[derive(Clone, Copy)]
struct Fingerprint {
    recipient: u64,
    subject: u64,
    whole: u128,
}

#[derive(Clone)]
struct KeyUse {
    email: Fingerprint,
    submission: Submission,
}

/// What is known of the latest submission under a key.
#[derive(Clone)]
pub(crate) enum Submission {
    Accepted { id: EmailId, status: EmailStatus },
    MaybeAccepted,
}

impl KeyUses {
    /// Claims a key for an email, so that no other call submits an email under the key. Waits for the call that has the
    /// key, until the deadline.
    ///
    /// # Errors
    /// [`ErrorKind::KeyConflict`] if the key was used for another email, [`ErrorKind::Timeout`] at the deadline.
    pub(crate) async fn claim(
        &self,
        account: Option<&AccountId>,
        tag: &str,
        email: &NewEmail,
        deadline: Instant,
    ) -> Result<Claim<'_>> {
        let (key, email) = (self.hash(&(account, tag)), self.fingerprint(email));
        loop {
            // Created before the check, so that the end of a claim after the check is not missed.
            let released = self.released.notified();
            if let Some(claim) = self.try_claim(key, email)? {
                return Ok(claim);
            }
            if timeout_at(deadline, released).await.is_err() {
                let message = "not sent: another call with the same key was in progress until the deadline";
                return Err(Error::new(ErrorKind::Timeout, message));
            }
        }
    }

    fn try_claim(&self, key: u128, email: Fingerprint) -> Result<Option<Claim<'_>>> {
        let mut state = self.state();
        if let Some(other) = state.claims.get(&key) {
            return email.check_same(other, None).map(|()| None);
        }
        let earlier = state.recall(key);
        if let Some(KeyUse { email: other, submission }) = &earlier {
            email.check_same(other, submission.id())?;
        }
        state.claims.insert(key, email);
        let earlier = earlier.map(|earlier| earlier.submission);
        Ok(Some(Claim { uses: self, key, email, earlier, maybe_done: Arc::default(), end: End::Open }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Two hashes of 64 bits with different secret keys.
    fn hash(&self, value: &impl Hash) -> u128 {
        let [high, low] = self.hashers.each_ref().map(|hasher| u128::from(hasher.hash_one(value)));
        high << 64 | low
    }

    fn fingerprint(&self, email: &NewEmail) -> Fingerprint {
        Fingerprint {
            recipient: self.hashers[0].hash_one((&email.email, email.contact_id)),
            subject: self.hashers[0].hash_one(&email.content.subject),
            whole: self.hash(&WholeEmail(email)),
        }
    }
}

impl fmt::Debug for KeyUses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyUses").finish_non_exhaustive()
    }
}

impl Fingerprint {
    fn check_same(self, other: &Self, id: Option<EmailId>) -> Result<()> {
        let difference = match () {
            () if self.whole == other.whole => return Ok(()),
            () if self.recipient != other.recipient => KeyDifference::Recipient,
            () if self.subject != other.subject => KeyDifference::Subject,
            () => KeyDifference::Content,
        };
        Err(Error::conflict(id, difference))
    }
}

impl Submission {
    fn id(&self) -> Option<EmailId> {
        match self {
            Self::Accepted { id, .. } => Some(id.clone()),
            Self::MaybeAccepted => None,
        }
    }
}

impl State {
    /// The latest use of a key, which becomes a new one again.
    fn recall(&mut self, key: u128) -> Option<KeyUse> {
        let latest = self.forget(key)?;
        self.remember(key, latest.clone());
        Some(latest)
    }

    fn remember(&mut self, key: u128, latest: KeyUse) {
        if self.new.len() >= GENERATION {
            self.old = mem::take(&mut self.new);
        }
        self.new.insert(key, latest);
    }

    fn forget(&mut self, key: u128) -> Option<KeyUse> {
        let old = self.old.remove(&key);
        self.new.remove(&key).or(old)
    }
}

/// The right of one call to submit an email under a key. When it ends, its use of the key is remembered, also when the
/// call is cancelled.
pub(crate) struct Claim<'a> {
    uses: &'a KeyUses,
    key: u128,
    email: Fingerprint,
    earlier: Option<Submission>,
    maybe_done: Arc<AtomicBool>,
    end: End,
}

enum End {
    Open,
    Accepted { id: EmailId, status: EmailStatus },
    Refused,
}

impl Claim<'_> {
    /// The latest submission under the key.
    pub(crate) fn earlier(&self) -> Option<&Submission> {
        self.earlier.as_ref()
    }

    /// To be set when a submission of this call may have done something.
    pub(crate) fn maybe_done(&self) -> &Arc<AtomicBool> {
        &self.maybe_done
    }

    /// Remembers that the email of this call was accepted.
    pub(crate) fn accepted(&mut self, id: EmailId, status: EmailStatus) {
        self.end = End::Accepted { id, status };
    }

    /// Remembers that the email of this call was refused: the logs have it.
    pub(crate) fn refused(&mut self) {
        self.end = End::Refused;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let submission = match mem::replace(&mut self.end, End::Open) {
            End::Accepted { id, status } => Some(Submission::Accepted { id, status }),
            End::Open if self.maybe_done.load(Ordering::Relaxed) => Some(Submission::MaybeAccepted),
            End::Open => self.earlier.take(),
            End::Refused => None,
        };
        let mut state = self.uses.state();
        state.claims.remove(&self.key);
        match submission {
            Some(submission) => state.remember(self.key, KeyUse { email: self.email, submission }),
            None => drop(state.forget(self.key)),
        }
        drop(state);
        self.uses.released.notify_waiters();
    }
}

/// Hashes a whole email. An attachment that is read while it is sent counts with its length, not with its content.
struct WholeEmail<'a>(&'a NewEmail);

impl Hash for WholeEmail<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self(email) = self;
        let NewEmail { sender, content, email: recipient, list_id, contact_id, tags, tracking, attachment, .. } = email;
        let addressing = (recipient, list_id, contact_id, email.without_list_management);
        // Writing JSON to a hasher cannot fail, and an email is always JSON.
        let _ = serde_json::to_writer(
            HashWriter(state),
            &(sender, content, addressing, tags, tracking, &email.additional_headers),
        );
        for attachment in attachment.iter().flatten() {
            attachment.filename.hash(state);
            attachment.kind.hash(state);
            match &attachment.content {
                AttachmentContent::Base64(base64) => base64.hash(state),
                AttachmentContent::Source(source) => source.base64_length().hash(state),
            }
        }
    }
}

struct HashWriter<'a, H>(&'a mut H);

impl<H: Hasher> io::Write for HashWriter<'_, H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
