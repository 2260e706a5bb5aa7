//! A wrong base URL: the server is not Cakemail, or there is none.

use cakemail::transport::http::StatusCode;
use cakemail::{Client, Content, Credentials, Error, ErrorKind, ListId, NewEmail, Outcome};

use crate::support::{MakeTransport, StubServer, TRANSPORTS, TestBed, retry_immediately};

const PAGE: &str = "<!doctype html><title>Welcome to nginx!</title>";
const HTML: &str = "content-type: text/html\r\n";

/// The error of a send. With a password the client requests a token first; with a token it sends at once.
async fn send(transport: MakeTransport, url: &str, credentials: Credentials) -> Error {
    let builder = Client::builder().base_url(url).transport(transport()).retry_policy(retry_immediately());
    let client = builder.credentials(credentials).build().unwrap();
    let content = Content::text("Welcome", "Hello.");
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content);
    client.emails().send(&email).await.unwrap_err()
}

fn password() -> Credentials {
    Credentials::password("ada@example.com", "any")
}

fn token() -> Credentials {
    Credentials::access_token("any")
}

/// Without a token the client sends no email, and the error says to check the base URL.
#[tokio::test]
async fn an_unexpected_response_to_a_token_request_sends_no_email() {
    const NOT_JSON: &str = "createToken: the response is not from Cakemail: it is not JSON (200)";
    let redirect = "location: https://example.com/\r\n";
    for (server, text) in [
        (StubServer::respond("200 OK", HTML, PAGE), NOT_JSON),
        (StubServer::respond("200 OK", "", ""), NOT_JSON),
        (
            StubServer::respond("200 OK", "", r#"{"hello": "world"}"#),
            "createToken: the response contains no access token",
        ),
        (
            StubServer::respond("404 Not Found", HTML, PAGE),
            "createToken: the response is not from Cakemail (404): Welcome to nginx!",
        ),
        (
            StubServer::respond("405 Not Allowed", HTML, PAGE),
            "createToken: the response is not from Cakemail (405): Welcome to nginx!",
        ),
        (
            StubServer::respond("301 Moved Permanently", redirect, ""),
            "createToken: the response is a redirect, and redirects are not followed (301)",
        ),
        (StubServer::raw("SSH-2.0-OpenSSH_9.9\r\n"), "createToken: the response is not valid HTTP, or is too large"),
    ] {
        for transport in TRANSPORTS {
            let error = send(transport, &server.url("http"), password()).await;
            assert_eq!(error.to_string(), format!("{text}. Check the base URL (CAKEMAIL_API_BASE)"));
            assert_eq!(
                (error.kind(), error.outcome(), error.attempts()),
                (ErrorKind::UnexpectedResponse, Outcome::NotDone, 1)
            );
        }
        assert_eq!(server.connections(), 2, "{text}");
    }
}

/// After a 2xx the server may have processed the email, so the outcome is not `NotDone`.
#[tokio::test]
async fn an_unexpected_response_to_a_send_is_not_retried() {
    let lost = "The server may have processed the request. Search the logs for the email before you send it again";
    for (server, outcome, text) in [
        (
            StubServer::respond("200 OK", HTML, PAGE),
            Outcome::Unknown,
            format!("submitEmail: the response is not from Cakemail: it is not JSON (200). {lost}"),
        ),
        (
            StubServer::respond("200 OK", "", r#"{"hello": "world"}"#),
            Outcome::Unknown,
            format!("submitEmail: the response cannot be read: missing field `data` (200). {lost}"),
        ),
        (
            StubServer::respond("404 Not Found", HTML, PAGE),
            Outcome::NotDone,
            "submitEmail: the response is not from Cakemail (404): Welcome to nginx!. Check the base URL (CAKEMAIL_API_BASE)".into(),
        ),
        (
            StubServer::respond("307 Temporary Redirect", "location: https://example.com/\r\n", ""),
            Outcome::NotDone,
            "submitEmail: the response is a redirect, and redirects are not followed (307). Check the base URL \
             (CAKEMAIL_API_BASE)"
                .into(),
        ),
        (
            StubServer::raw("SSH-2.0-OpenSSH_9.9\r\n"),
            Outcome::Unknown,
            format!("submitEmail: the response is not valid HTTP, or is too large. {lost}"),
        ),
    ] {
        for transport in TRANSPORTS {
            let error = send(transport, &server.url("http"), token()).await;
            assert_eq!(error.to_string(), text);
            assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::UnexpectedResponse, outcome, 1));
        }
        assert_eq!(server.connections(), 2, "{text}");
    }
}

/// A TLS port responds to plain HTTP with an alert; some servers respond with a page.
#[tokio::test]
async fn http_to_a_tls_port() {
    const DECODE_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 50];
    let page = "<title>400 The plain HTTP request was sent to HTTPS port</title>";
    for transport in TRANSPORTS {
        let error = send(transport, &StubServer::raw(DECODE_ERROR).url("http"), password()).await;
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::NotDone));
        assert!(error.to_string().ends_with(". Check the base URL (CAKEMAIL_API_BASE)"), "{error}");

        let error = send(transport, &StubServer::respond("400 Bad Request", HTML, page).url("http"), password()).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(StatusCode::BAD_REQUEST)));
        assert!(error.to_string().ends_with(". Check the base URL (CAKEMAIL_API_BASE)"), "{error}");
    }
}

/// The handshake fails before the request is sent.
#[tokio::test]
async fn https_to_a_plain_port() {
    for transport in TRANSPORTS {
        for credentials in [password(), token()] {
            let server = StubServer::respond("400 Bad Request", "", "");
            let error = send(transport, &server.url("https"), credentials).await;
            assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Connect, Outcome::NotDone, 4));
            assert!(error.to_string().contains("base URL (CAKEMAIL_API_BASE)"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_port_without_a_listener() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for transport in TRANSPORTS {
        let error = send(transport, &format!("http://{port}"), token()).await;
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Connect, Outcome::NotDone, 4));
    }
}

/// The server is right, the path is not.
#[tokio::test]
async fn a_wrong_path() {
    let bed = TestBed::new().await;
    let error = send(TRANSPORTS[0], &format!("{}/v3", bed.sandbox.url()), token()).await;
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotFound, Outcome::NotDone));
    assert!(error.to_string().contains("base URL (CAKEMAIL_API_BASE)"), "{error}");
    assert_eq!(bed.sandbox.requests()[0].path, "/v3/v2/emails");
}

#[test]
fn an_invalid_base_url_is_a_configuration_error() {
    for url in ["", "api.cakemail.dev", "ftp://api.cakemail.dev", "https://ada:secret@api.cakemail.dev"] {
        let error = Client::builder().base_url(url).credentials(token()).build().unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Configuration, 0));
        let text = error.to_string();
        assert!(text.contains("the base URL") && !text.contains("secret"), "{text}");
    }
    let error = Client::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD"), "{error}");
}
