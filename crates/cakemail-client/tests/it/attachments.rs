//! Streamed attachments: the request that the server receives, when files are read, and the errors of unreadable ones.

use std::collections::HashSet;
use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;

use cakemail_client::{BulkOptions, Error, ErrorKind, IdempotencyKey, Outcome, ReconcilePolicy};
use cakemail_model::emails::{Attachment, NewEmail, SubmitEmail};
use cakemail_transport::Dispatch::{MaybeSent, NotSent};
use cakemail_transport::TransportErrorKind::{Connect, ConnectionLost};
use cakemail_transport::http_body::Body as _;
use serde_json::{Value, json};

use crate::support::{StubServer, email, ok, respond, status, transport_error};

/// Some hundred kilobytes: a multiple neither of the piece's length nor of base64's groups of three bytes.
const LENGTH: u64 = 400_001;

fn bytes(length: u64) -> Cursor<Vec<u8>> {
    Cursor::new((0..length).map(|index| (index * 31 % 251) as u8).collect())
}

/// A file of `LENGTH` bytes when it was attached. `length` gives its length each time that it is opened.
fn file(length: impl Fn(usize) -> io::Result<u64> + Send + Sync + 'static) -> Attachment {
    let opened = AtomicUsize::new(0);
    let open = move || length(opened.fetch_add(1, Ordering::SeqCst)).map(bytes);
    Attachment::from_reader("report.pdf", LENGTH, open).unwrap()
}

fn streamed() -> Attachment {
    file(|_| Ok(LENGTH))
}

fn in_memory() -> Attachment {
    Attachment::from_bytes("terms.csv", "item,price\n").unwrap()
}

/// The bodies that the server received.
fn bodies(server: &StubServer) -> Vec<Value> {
    server.requests().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect()
}

#[tokio::test]
async fn the_server_receives_the_email_as_json() {
    let mut escaped = email().tag("a").attribute("name", "a \"content\":\"\"}");
    escaped.content.html = Some("\"}],\"attachment\":[\u{1}é".repeat(1000));
    for attachments in
        [vec![streamed()], vec![in_memory(), streamed()], vec![streamed(), in_memory(), file(|_| Ok(LENGTH))]]
    {
        let email = attachments.into_iter().fold(escaped.clone(), NewEmail::attach);
        let server = StubServer::always(ok);
        server.client().emails().send(&email).await.unwrap();
        assert!(bodies(&server) == [serde_json::to_value(&email).unwrap()]);
        // `execute_raw` reads the files before it sends the request.
        server.client().execute_raw(&SubmitEmail { body: &email }).await.unwrap();
        assert!(bodies(&server)[0] == bodies(&server)[1]);
    }
}

#[tokio::test]
async fn each_attempt_reads_the_file_again() {
    let script = [transport_error(Connect, NotSent), respond(429, &[("retry-after", "0")], ""), ok()];
    let server = StubServer::script(script);
    let email = email().attach(streamed());
    assert_eq!(server.client().emails().send(&email).await.unwrap().attempts, 3);
    assert!(bodies(&server) == [const { Value::Null }; 3].map(|_| serde_json::to_value(&email).unwrap()));

    // The same email under a key, and in a bulk send.
    let server = StubServer::always(ok);
    server.client().emails().send_idempotent(&email, &IdempotencyKey::random(), &ReconcilePolicy::new()).await.unwrap();
    let emails = futures_util::stream::iter((0..10).map({
        let email = email.clone();
        move |number| (number, email.clone())
    }));
    let mut results = server.client().emails().send_all(emails, BulkOptions::new());
    while let Some((_, result)) = results.next().await {
        result.unwrap();
    }
    let attachment = serde_json::to_value(&email).unwrap()["attachment"].take();
    assert_eq!(server.count(), 11);
    assert!(bodies(&server).iter().all(|body| body["attachment"] == attachment));
}

/// Sends an email whose attachment cannot be read in the last of these attempts, and returns the error.
async fn unreadable(server: &StubServer, email: &NewEmail, attempts: u32) -> Error {
    let error = server.client().emails().send(email).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Invalid, Outcome::NotDone, attempts));
    assert_eq!(server.count(), attempts as usize - 1, "the request of the last attempt was complete");
    error
}

#[tokio::test]
async fn an_unreadable_file_is_named_and_the_outcome_is_not_done() {
    let missing = || file(|_| Err(io::Error::new(io::ErrorKind::NotFound, "no /home/secret/report.pdf")));
    let error = unreadable(&StubServer::always(ok), &email().attach(in_memory()).attach(missing()), 1).await;
    assert_eq!(
        error.to_string(),
        "submitEmail: not sent completely: an attachment cannot be read: attachment[1].content: `report.pdf` cannot be \
         read (entity not found): keep it in place until the email is sent. Correct these fields and send it again"
    );
    assert!(!format!("{error:?} {:?}", error.fields()).contains("secret"));

    let (client, email) = (StubServer::always(ok).client(), email().attach(missing()));
    let error =
        client.emails().send_idempotent(&email, &IdempotencyKey::random(), &ReconcilePolicy::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Invalid, Outcome::NotDone));

    // It is readable in the first attempt only.
    let disappearing =
        file(|opened| if opened == 0 { Ok(LENGTH) } else { Err(io::ErrorKind::PermissionDenied.into()) });
    let server = StubServer::script([respond(429, &[("retry-after", "0")], ""), ok()]);
    let error = unreadable(&server, &crate::support::email().attach(disappearing), 2).await;
    assert!(error.fields()[0].message.contains("(permission denied)"), "{error}");
}

#[tokio::test]
async fn a_file_whose_length_has_changed_is_not_sent_completely() {
    for length in [0, 1, LENGTH - 1, LENGTH + 1, 3 * LENGTH] {
        let error = unreadable(&StubServer::always(ok), &email().attach(file(move |_| Ok(length))), 1).await;
        assert_eq!(error.fields()[0].field, "attachment[0].content");
        assert_eq!(
            error.fields()[0].message,
            "`report.pdf` has a different length than when it was attached: attach it again when it is complete"
        );
    }
    let growing = file(|opened| Ok(LENGTH + opened as u64));
    unreadable(&StubServer::script([transport_error(Connect, NotSent), ok()]), &email().attach(growing), 2).await;
}

#[tokio::test]
async fn a_reader_that_panics_is_unreadable() {
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("the test's panic")
        }
    }
    let attachment = Attachment::from_reader("report.pdf", 7, || Ok(Panics)).unwrap();
    unreadable(&StubServer::always(ok), &email().attach(attachment), 1).await;
}

#[tokio::test]
async fn the_outcome_is_unknown_when_the_response_is_lost() {
    let server = StubServer::script([transport_error(ConnectionLost, MaybeSent), ok()]);
    let error = server.client().emails().send(&email().attach(streamed())).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), server.count()), (ErrorKind::ConnectionLost, Outcome::Unknown, 1));
}

#[tokio::test]
async fn an_email_is_validated_before_its_files_are_opened() {
    let server = StubServer::always(ok);
    let mut attachment = file(|_| panic!("it was opened"));
    attachment.filename = "my report.pdf".into();
    let error = server.client().emails().send(&email().attach(attachment)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), server.count()), (ErrorKind::Invalid, 0, 0));
    assert_eq!(error.fields()[0].field, "attachment[0].filename");
    assert!(Attachment::from_reader("report.exe", 7, || Ok(io::empty())).is_err());
}

/// A reader that counts its bytes, and records the threads that read it.
#[derive(Clone, Default)]
struct CountingReader(Arc<Mutex<(usize, HashSet<ThreadId>)>>);

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, threads) = &mut *self.0.lock().unwrap();
        *read += buffer.len();
        threads.insert(std::thread::current().id());
        Ok(buffer.len())
    }
}

#[tokio::test]
async fn a_file_is_read_on_another_thread_and_one_piece_ahead() {
    const PIECE: usize = 48 * 1024;
    let counter = CountingReader::default();
    let reader = counter.clone();
    let attachment = Attachment::from_reader("a.pdf", 40 * PIECE as u64, move || Ok(reader.clone())).unwrap();
    // A server that rejects the request after ten pieces, and checks after each how many were read.
    let inspected = counter.clone();
    let server = StubServer::new(move |request| {
        let inspected = inspected.clone();
        async move {
            let mut body = Box::pin(request.into_body());
            for taken in 0..10 {
                let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await;
                assert!(frame.unwrap().is_ok());
                let read = inspected.0.lock().unwrap().0 / PIECE;
                // The first frame is the JSON before the file.
                assert!((taken..=taken + 1).contains(&read), "{read} pieces were read, and {taken} taken");
            }
            status(400, json!({"detail": [{"msg": "enough"}]}))
        }
    });
    let error = server.without_reading_bodies().client().emails().send(&email().attach(attachment)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let (read, threads) = &*counter.0.lock().unwrap();
    assert!((9..=10).contains(&(read / PIECE)), "{read} bytes were read");
    assert!(!threads.contains(&std::thread::current().id()), "the file was read on the runtime's thread");
}
