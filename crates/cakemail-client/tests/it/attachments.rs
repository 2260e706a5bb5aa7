//! Attachments that are read while the email is sent: what arrives, what is read when, and what is told of a file that
//! cannot be read.

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

use crate::support::{Server, email, fail, fine, respond, status};

/// Some hundred kilobytes, which are no whole number of pieces, nor of base64's groups of three.
const LENGTH: u64 = 400_001;

fn bytes(length: u64) -> Cursor<Vec<u8>> {
    Cursor::new((0..length).map(|index| (index * 31 % 251) as u8).collect())
}

/// A file that was so long when it was attached, and is as long as `now` says for each time that it is opened.
fn file(now: impl Fn(usize) -> io::Result<u64> + Send + Sync + 'static) -> Attachment {
    let opened = AtomicUsize::new(0);
    let open = move || now(opened.fetch_add(1, Ordering::SeqCst)).map(bytes);
    Attachment::from_reader("report.pdf", LENGTH, open).unwrap()
}

fn whole() -> Attachment {
    file(|_| Ok(LENGTH))
}

fn held() -> Attachment {
    Attachment::from_bytes("terms.csv", "item,price\n").unwrap()
}

/// The bodies that arrived.
fn arrived(server: &Server) -> Vec<Value> {
    server.asked().iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect()
}

#[tokio::test]
async fn what_arrives_is_the_email_as_json() {
    let mut odd = email().tag("a").attribute("name", "a \"content\":\"\"}");
    odd.content.html = Some("\"}],\"attachment\":[\u{1}é".repeat(1000));
    for attached in [vec![whole()], vec![held(), whole()], vec![whole(), held(), file(|_| Ok(LENGTH))]] {
        let email = attached.into_iter().fold(odd.clone(), NewEmail::attach);
        let server = Server::always(fine);
        server.client().emails().send(&email).await.unwrap();
        assert!(arrived(&server) == [serde_json::to_value(&email).unwrap()]);
        // Down the road that knows nothing of files, too.
        server.client().execute_raw(&SubmitEmail { body: &email }).await.unwrap();
        assert!(arrived(&server)[0] == arrived(&server)[1]);
    }
}

#[tokio::test]
async fn each_attempt_reads_the_file_anew() {
    let script = [fail(Connect, NotSent), respond(429, &[("retry-after", "0")], ""), fine()];
    let server = Server::script(script);
    let email = email().attach(whole());
    assert_eq!(server.client().emails().send(&email).await.unwrap().attempts, 3);
    assert!(arrived(&server) == [const { Value::Null }; 3].map(|_| serde_json::to_value(&email).unwrap()));

    // The same email again, under a key and among many.
    let server = Server::always(fine);
    server.client().emails().send_idempotent(&email, &IdempotencyKey::random(), &ReconcilePolicy::new()).await.unwrap();
    let emails = futures_util::stream::iter((0..10).map({
        let email = email.clone();
        move |number| (number, email.clone())
    }));
    let mut outcomes = server.client().emails().send_all(emails, BulkOptions::new());
    while let Some((_, result)) = outcomes.next().await {
        result.unwrap();
    }
    let attached = serde_json::to_value(&email).unwrap()["attachment"].take();
    assert_eq!(server.count(), 11);
    assert!(arrived(&server).iter().all(|body| body["attachment"] == attached));
}

/// Fails to send, after so many attempts, and returns what the error says.
async fn unread(server: &Server, email: &NewEmail, attempts: u32) -> Error {
    let error = server.client().emails().send(email).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Invalid, Outcome::NotDone, attempts));
    assert_eq!(server.count(), attempts as usize - 1, "the request of the last attempt was whole");
    error
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_and_nothing_is_done() {
    let gone = || file(|_| Err(io::Error::new(io::ErrorKind::NotFound, "no /home/secret/report.pdf")));
    let error = unread(&Server::always(fine), &email().attach(held()).attach(gone()), 1).await;
    assert_eq!(
        error.to_string(),
        "submitEmail: not sent completely: an attachment cannot be read: attachment[1].content: `report.pdf` cannot be \
         read (entity not found): keep it in place until the email is sent. Correct these fields and send it again"
    );
    assert!(!format!("{error:?} {:?}", error.fields()).contains("secret"));

    let (client, email) = (Server::always(fine).client(), email().attach(gone()));
    let error =
        client.emails().send_idempotent(&email, &IdempotencyKey::random(), &ReconcilePolicy::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Invalid, Outcome::NotDone));

    // It was there for the first attempt.
    let vanishing = file(|opened| if opened == 0 { Ok(LENGTH) } else { Err(io::ErrorKind::PermissionDenied.into()) });
    let server = Server::script([respond(429, &[("retry-after", "0")], ""), fine()]);
    let error = unread(&server, &crate::support::email().attach(vanishing), 2).await;
    assert!(error.fields()[0].message.contains("(permission denied)"), "{error}");
}

#[tokio::test]
async fn a_file_that_has_another_length_is_never_sent_whole() {
    for now in [0, 1, LENGTH - 1, LENGTH + 1, 3 * LENGTH] {
        let error = unread(&Server::always(fine), &email().attach(file(move |_| Ok(now))), 1).await;
        assert_eq!(error.fields()[0].field, "attachment[0].content");
        assert_eq!(
            error.fields()[0].message,
            "`report.pdf` has a different length than when it was attached: attach it again when it is complete"
        );
    }
    let growing = file(|opened| Ok(LENGTH + opened as u64));
    unread(&Server::script([fail(Connect, NotSent), fine()]), &email().attach(growing), 2).await;
}

#[tokio::test]
async fn a_reader_that_panics_is_one_that_cannot_be_read() {
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as the test says")
        }
    }
    let attachment = Attachment::from_reader("report.pdf", 7, || Ok(Panics)).unwrap();
    unread(&Server::always(fine), &email().attach(attachment), 1).await;
}

#[tokio::test]
async fn a_lost_answer_is_as_doubtful_as_that_of_any_email() {
    let server = Server::script([fail(ConnectionLost, MaybeSent), fine()]);
    let error = server.client().emails().send(&email().attach(whole())).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), server.count()), (ErrorKind::ConnectionLost, Outcome::Unknown, 1));
}

#[tokio::test]
async fn what_can_be_known_is_checked_before_anything_is_read() {
    let server = Server::always(fine);
    let mut attachment = file(|_| panic!("it was opened"));
    attachment.filename = "my report.pdf".into();
    let error = server.client().emails().send(&email().attach(attachment)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), server.count()), (ErrorKind::Invalid, 0, 0));
    assert_eq!(error.fields()[0].field, "attachment[0].filename");
    assert!(Attachment::from_reader("report.exe", 7, || Ok(io::empty())).is_err());
}

/// A reader that notes how many bytes it has given, and in which threads.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<(usize, HashSet<ThreadId>)>>);

impl Read for Noted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (given, threads) = &mut *self.0.lock().unwrap();
        *given += buffer.len();
        threads.insert(std::thread::current().id());
        Ok(buffer.len())
    }
}

#[tokio::test]
async fn it_is_read_elsewhere_and_one_piece_ahead() {
    const PIECE: usize = 48 * 1024;
    let noted = Noted::default();
    let reader = noted.clone();
    let attachment = Attachment::from_reader("a.pdf", 40 * PIECE as u64, move || Ok(reader.clone())).unwrap();
    // A server that has had enough after some pieces, and looks each time how many were read.
    let looks = noted.clone();
    let server = Server::new(move |request| {
        let looks = looks.clone();
        async move {
            let mut body = Box::pin(request.into_body());
            for taken in 0..10 {
                let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await;
                assert!(frame.unwrap().is_ok());
                let read = looks.0.lock().unwrap().0 / PIECE;
                // The first frame is what stands before the file.
                assert!((taken..=taken + 1).contains(&read), "{read} pieces are read, and {taken} taken");
            }
            status(400, json!({"detail": [{"msg": "enough"}]}))
        }
    });
    let error = server.unread().client().emails().send(&email().attach(attachment)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let (given, threads) = &*noted.0.lock().unwrap();
    assert!((9..=10).contains(&(given / PIECE)), "{given} bytes were read");
    assert!(!threads.contains(&std::thread::current().id()), "the runtime's thread waited for a file");
}
