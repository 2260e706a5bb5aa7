//! `list`, `show`, `resolve`, `retry`, `cancel` and `prune`.

use super::TestBed;

#[test]
fn list_has_no_content_and_show_has_the_reason_and_the_recipient() {
    let bed = TestBed::new();
    bed.enqueue("good", "bob@example.com", &[]).ok();
    let wrong = ["--sender", "999999", "--list", &bed.list, "--to", "r3cipient@example.com", "--subject", "s3cret"];
    bed.run(&[&["enqueue", "--key", "wrong", "--text", "b0dy"], &wrong[..]].concat()).ok();
    bed.drain();

    let table = bed.run(&["list"]).ok().stdout;
    assert!(table.starts_with("KEY") && table.lines().count() == 3, "{table}");
    assert!(table.lines().nth(1).unwrap().starts_with("key-wrong  refused"), "the newest is first: {table}");
    let refused = bed.run(&["list", "--state", "refused", "--state", "parked", "--json"]).ok().json();
    assert_eq!((refused.len(), &refused[0]["key"]), (1, &"key-wrong".into()));
    assert_eq!(refused[0]["reason"]["fields"][0]["field"], "sender.id");
    for text in [table, bed.run(&["list", "--json"]).ok().stdout] {
        for secret in ["r3cipient", "s3cret", "b0dy"] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    let shown = bed.run(&["show", "wrong"]).ok().stdout;
    for words in ["refused", "r3cipient@example.com", "s3cret", "sender.id: Invalid sender", "`cakemail senders`"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("b0dy") && !shown.contains("senders()"), "{shown}");
    let good = bed.show("good");
    assert_eq!((&good["state"], &good["email"]), (&"accepted".into(), &"bob@example.com".into()));
    assert_eq!(good["email_id"], bed.server.sandbox.emails()[0].id.as_str());

    assert_eq!(bed.run(&["list", "--limit", "1", "--json"]).ok().json().len(), 1);
    assert!(bed.run(&["list", "--state", "parked"]).ok().stdout.contains("No email matches"));
    let unknown = bed.run(&["list", "--state", "lost"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("parked"), "{unknown:?}");
    let missing = bed.run(&["show", "nobody"]);
    assert!(missing.code == Some(1) && missing.stderr.contains("key-nobody"), "{missing:?}");
}

#[test]
fn retry_sends_a_refused_email_again_once_the_account_is_corrected() {
    let bed = TestBed::new();
    let created = bed.server.run(&["senders", "create", "Grace", "grace@example.com", "--json"]).ok().json();
    let sender = created[0]["id"].as_str().unwrap();
    let email = ["--sender", sender, "--list", &bed.list, "--to", "bob@example.com", "--subject", "Hi", "--text", "x"];
    bed.run(&[&["enqueue", "--key", "early"], &email[..]].concat()).ok();
    bed.drain();
    assert_eq!(bed.state("early"), "refused");

    let mail = bed.server.sandbox.mailbox("grace@example.com").pop().unwrap();
    bed.server.run(&["senders", "confirm", &mail.confirmation_id]).ok();
    assert_eq!(bed.run(&["retry", "early"]).ok().stdout, "key-early is queued.\n");
    bed.drain();
    assert_eq!(bed.state("early"), "accepted");
    let again = bed.run(&["retry", "early"]);
    assert!(again.code == Some(1) && again.stderr.contains("accepted"), "{again:?}");
}

#[test]
fn cancel_takes_several_keys_and_names_those_that_it_cannot_cancel() {
    let bed = TestBed::new();
    for key in ["a", "b"] {
        bed.enqueue(key, "bob@example.com", &["--send-at", "1d"]).ok();
    }
    let output = bed.run(&["cancel", "a", "missing", "b"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(1), "key-a is cancelled.\nkey-b is cancelled.\n"));
    assert!(output.stderr.contains("key-missing") && output.stderr.contains("1 of 3"), "{output:?}");
    bed.drain();
    assert!(bed.server.sandbox.emails().is_empty());
    assert_eq!(bed.run(&["prune", "--older-than", "0s"]).ok().stdout, "Removed 2.\n");
    assert_eq!(bed.run(&["list", "--json"]).ok().json().len(), 0);
    let pruned = bed.run(&["prune", "--older-than", "30"]);
    assert!(pruned.code == Some(2) && pruned.stderr.contains("--older-than") && pruned.stderr.contains("7d"));
}

#[test]
fn resolve_needs_one_decision_and_an_email_that_may_have_been_accepted() {
    let bed = TestBed::new();
    bed.enqueue("a", "bob@example.com", &["--send-at", "1d"]).ok();
    for args in [&["resolve", "a"][..], &["resolve", "a", "--look", "--cancel"]] {
        let output = bed.run(args);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("--look") && output.stderr.contains("--cancel"), "{output:?}");
    }
    for decision in ["--look", "--accepted", "--send-again"] {
        let output = bed.run(&["resolve", "a", decision]);
        assert!(output.code == Some(1) && output.stderr.contains("queued"), "{output:?}");
    }
}

#[test]
fn a_parked_email_is_resolved_by_a_person_and_never_retried() {
    let bed = TestBed::new();
    for key in ["look", "accepted", "id", "again", "cancel"] {
        bed.enqueue(key, "bob@example.com", &[]).ok();
        bed.park(key);
    }
    let status = bed.run(&["status"]).ok().stdout;
    assert!(status.contains("parked       5") && status.contains("cakemail outbox resolve KEY"), "{status}");
    let retried = bed.run(&["retry", "again"]);
    assert!(retried.code == Some(1) && retried.stderr.contains("cakemail outbox resolve key-again"), "{retried:?}");
    assert!(bed.show("again")["may_be_accepted_since"].is_string());

    let resolved = |args: &[&str]| bed.run(&[&["resolve"], args].concat()).ok().stdout;
    assert_eq!(resolved(&["look", "--look"]), "key-look is unknown.\n");
    assert_eq!(resolved(&["accepted", "--accepted"]), "key-accepted is accepted.\n");
    assert_eq!(resolved(&["id", "--accepted", "e-7"]), "key-id is accepted.\n");
    assert_eq!(bed.show("id")["email_id"], "e-7");
    assert_eq!(resolved(&["cancel", "--cancel"]), "key-cancel is cancelled.\n");
    assert_eq!(resolved(&["again", "--send-again"]), "key-again is queued.\n");
    let missing = bed.run(&["resolve", "nobody", "--look"]);
    assert!(missing.code == Some(1) && missing.stderr.contains("key-nobody"), "{missing:?}");
}
