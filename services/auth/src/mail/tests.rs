use chrono::DateTime;
use witan_clock::{Clock, ManualClock};

use super::*;
use crate::domain::mailed_token::MailedToken;
use crate::templates::Templates;

fn mail(clock: &Clock) -> OutgoingMail {
    let templates = Templates::new("https://witan.example").unwrap();
    let token = MailedToken::generate(clock);
    OutgoingMail {
        id: MailId::generate(clock),
        to: "ada@example.org".to_owned(),
        content: Content::verify_email(&templates, &token, 24).unwrap(),
        at: clock.now(),
    }
}

fn clock() -> Clock {
    ManualClock::at(DateTime::from_timestamp(1_790_000_000, 0).unwrap()).clock()
}

fn sender() -> Mailbox {
    "Witan <no-reply@witan.example>".parse().unwrap()
}

#[test]
fn a_message_has_both_bodies_and_says_it_is_automatic() {
    let mail = mail(&clock());
    let text = String::from_utf8(compose(&sender(), &mail).unwrap().formatted()).unwrap();
    assert!(text.contains("From: Witan <no-reply@witan.example>\r\n"), "{text}");
    assert!(text.contains("To: ada@example.org\r\n"));
    assert!(text.contains("Auto-Submitted: auto-generated\r\n"));
    assert!(text.contains(&format!("Message-ID: <{}@witan.example>\r\n", mail.id)));
    assert!(
        text.contains("multipart/alternative") && text.contains("text/plain") && text.contains("text/html")
    );
}

#[test]
fn a_recipient_that_is_none_is_refused_for_good() {
    let mut mail = mail(&clock());
    mail.to = "ada@example.org\r\nBcc: all@example.org".to_owned();
    assert!(matches!(compose(&sender(), &mail), Err(MailError::Permanent(_))));
}

#[tokio::test]
async fn the_folder_holds_the_message_and_its_link() {
    let clock = clock();
    let mail = mail(&clock);
    let folder = std::env::temp_dir().join(format!("witan-outbox-{}-{}", std::process::id(), mail.id));
    let transport = Transport::open(&Route::Folder(folder.clone())).unwrap();
    transport.deliver(&sender(), &mail).await.unwrap();
    let json = std::fs::read_to_string(folder.join(format!("{}.json", mail.id))).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(summary["to"], "ada@example.org");
    assert_eq!(summary["kind"], "verify_email");
    let link = format!(
        "https://witan.example/api/v1/auth/verify-email?token={}",
        summary["token"].as_str().unwrap()
    );
    assert_eq!(summary["link"], link);
    assert!(folder.join(format!("{}.eml", mail.id)).exists());
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again() {
    let transport = Transport::Folder("/dev/null/outbox".into());
    let failed = transport.deliver(&sender(), &mail(&clock())).await;
    assert!(matches!(failed, Err(MailError::Transient(_))));
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let transport = Transport::open(&Route::Smtp("smtp://127.0.0.1:9".into())).unwrap();
    let failed = transport.deliver(&sender(), &mail(&clock())).await;
    assert!(matches!(failed, Err(MailError::Transient(_))));
}

#[test]
fn a_malformed_server_address_does_not_show_its_password() {
    let Err(error) = Transport::open(&Route::Smtp("ftp://user:hunter2@example.org".into())) else {
        panic!("accepted");
    };
    assert!(!error.to_string().contains("hunter2"));
}
