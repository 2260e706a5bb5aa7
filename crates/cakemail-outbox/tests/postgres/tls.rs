//! TLS.

use cakemail_outbox::Ledger;
use cakemail_outbox::postgres::PostgresLedger;
use cakemail_postgres::{Server, own};

#[tokio::test]
async fn a_certificate_is_verified_by_the_one_that_the_url_names() {
    let folder = tempfile::tempdir().unwrap();
    own(folder.path()).unwrap();
    let generated = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let file = |name: &str, content: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        own(&path).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = file("server.crt", generated.cert.pem());
    let key = file("server.key", generated.signing_key.serialize_pem());
    let settings = [format!("ssl_cert_file='{certificate}'"), format!("ssl_key_file='{key}'")];
    let settings = ["ssl=on", "fsync=off", &settings[0], &settings[1]];
    let Some(server) = Server::start(&settings).unwrap() else {
        return println!("not run: PostgreSQL is not installed");
    };
    let Some(local) = server.local() else { return println!("not run: the server is not ours") };
    let url = local.url();
    let verified = format!("{url}?sslmode=verify-full&sslrootcert={certificate}");
    let ledger = PostgresLedger::connect(&verified).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap().by_state.len(), 0);
    let unknown = PostgresLedger::connect(&format!("{url}?sslmode=require")).await.unwrap_err();
    assert!(format!("{unknown:?}").contains("UnknownIssuer"), "{unknown:?}");
}
