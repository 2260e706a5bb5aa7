//! Attachments that are read from a file during the send: a request has the complete file, or is not sent.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cakemail::sandbox::{Effect, Fault, Match, Phase, RetryAfter};
use cakemail::{
    Attachment, BulkOptions, Error, ErrorKind, IdempotencyKey, NewEmail, OnMissing, Outcome, ReconcilePolicy,
};
use futures_util::stream;
use tempfile::TempDir;

use crate::support::{TRANSPORTS, TestBed};

/// Longer than all buffers between client and server.
const LENGTH: usize = 3 * 1024 * 1024 + 1;

fn bytes() -> Vec<u8> {
    (0..LENGTH).map(|index| (index * 31 % 251) as u8).collect()
}

/// A file of this length, in a temporary folder.
fn report() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    fs::write(&path, bytes()).unwrap();
    (folder, path)
}

fn set_length(path: &Path, length: usize) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length as u64).unwrap();
}

/// Injects a fault into the next submission.
fn inject(bed: &TestBed, phase: Phase, effect: Effect) {
    bed.sandbox.fault(Fault::on(Match::operation("submitEmail").times(1)).at(phase).effect(effect));
}

/// Checks that the server accepted this many emails, each with the complete file.
#[track_caller]
fn assert_complete(bed: &TestBed, count: usize) {
    let attachment = serde_json::to_value([Attachment::from_bytes("report.pdf", bytes()).unwrap()]).unwrap();
    let emails = bed.sandbox.emails();
    assert_eq!(emails.len(), count);
    assert!(emails.iter().all(|email| email.submission["attachment"] == attachment), "a file is incomplete");
}

#[tokio::test]
async fn each_attempt_sends_the_complete_file() {
    let (_folder, path) = report();
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let email = bed.email("ada@example.com").await.attach(Attachment::from_path(&path).unwrap());
        let emails = bed.client.emails();
        assert_eq!(emails.send(&email).await.unwrap().attempts, 1);
        assert_complete(&bed, 1);

        inject(&bed, Phase::Handler, Effect::TooManyRequests(RetryAfter::Seconds(0)));
        assert_eq!(emails.send(&email).await.unwrap().attempts, 2);
        assert_complete(&bed, 2);

        let tokens = bed.request_count("createToken");
        inject(&bed, Phase::Handler, Effect::ExpireToken);
        assert_eq!(emails.send(&email).await.unwrap().attempts, 2);
        assert_eq!(bed.request_count("createToken"), tokens + 1);
        assert_complete(&bed, 3);

        // A reset leaves the outcome unknown, as for any email. With `OnMissing::Resend` the file is read again.
        inject(&bed, Phase::Handler, Effect::Reset);
        let error = emails.send(&email).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::ConnectionLost, Outcome::Unknown, 1));
        inject(&bed, Phase::Handler, Effect::Reset);
        let policy = ReconcilePolicy::new().window(Duration::ZERO).on_missing(OnMissing::Resend);
        assert_eq!(emails.send_idempotent(&email, &IdempotencyKey::random(), &policy).await.unwrap().attempts, 2);
        assert_complete(&bed, 4);
    }
}

#[tokio::test]
async fn many_emails_share_one_file() {
    let (_folder, path) = report();
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let email = bed.email("ada@example.com").await.attach(Attachment::from_path(&path).unwrap());
        let emails = (0..12).map(move |number| (number, email.clone().email(format!("person{number}@example.com"))));
        let mut results = bed.client.emails().send_all(stream::iter(emails), BulkOptions::new().in_flight(4));
        while let Some((_, result)) = results.next().await {
            result.unwrap();
        }
        assert_complete(&bed, 12);
    }
}

/// Checks that the send fails because of the file and that the server accepts nothing; returns the error.
async fn send_with_invalid_file(bed: &TestBed, email: &NewEmail, attempts: u32) -> Error {
    let before = bed.request_count("submitEmail");
    let error = bed.client.emails().send(email).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Invalid, Outcome::NotDone, attempts));
    assert_eq!(error.fields()[0].field, "attachment[0].content");
    assert!(error.fields()[0].message.starts_with("`report.pdf` "), "{error}");
    assert_eq!(bed.request_count("submitEmail") - before, attempts as usize - 1);
    assert!(bed.sandbox.emails().is_empty(), "the email was accepted");
    error
}

#[tokio::test]
async fn a_file_that_changed_after_it_was_attached_is_not_sent() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let (_folder, path) = report();
        let email = bed.email("ada@example.com").await.attach(Attachment::from_path(&path).unwrap());
        for length in [0, LENGTH - 1, LENGTH + 1] {
            set_length(&path, length);
            let error = send_with_invalid_file(&bed, &email, 1).await;
            assert!(error.to_string().contains("attach it again when it is complete"), "{error}");
        }
        fs::remove_file(&path).unwrap();
        let error = send_with_invalid_file(&bed, &email, 1).await;
        assert!(error.to_string().contains("(entity not found): keep it in place until the email is sent"), "{error}");
        // The same email can be sent once the file is restored.
        fs::write(&path, bytes()).unwrap();
        bed.client.emails().send(&email).await.unwrap();
        assert_complete(&bed, 1);
    }
}

/// Truncates the file to half its length after `left` bytes were read.
struct Shrinking {
    file: File,
    path: PathBuf,
    left: usize,
}

impl Read for Shrinking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(length);
        if self.left == 0 {
            set_length(&self.path, LENGTH / 2);
        }
        Ok(length)
    }
}

#[tokio::test]
async fn a_file_that_changes_during_the_send_is_not_accepted() {
    for transport in TRANSPORTS {
        for (changes_at, attempts) in [(0, 1), (1, 2)] {
            let bed = TestBed::over(transport).await;
            let (_folder, path) = report();
            let opened = AtomicUsize::new(0);
            let open = move || {
                let changes = opened.fetch_add(1, Ordering::SeqCst) == changes_at;
                let left = if changes { LENGTH / 3 } else { usize::MAX };
                Ok(Shrinking { file: File::open(&path)?, path: path.clone(), left })
            };
            let attachment = Attachment::from_reader("report.pdf", LENGTH as u64, open).unwrap();
            let email = bed.email("ada@example.com").await.attach(attachment);
            if attempts == 2 {
                inject(&bed, Phase::Handler, Effect::TooManyRequests(RetryAfter::Seconds(0)));
            }
            send_with_invalid_file(&bed, &email, attempts).await;
        }
    }
}
