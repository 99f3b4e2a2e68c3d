//! What an actor puts on the wire, told by a server that answers with what it got.

use super::app::{Actor, App};
use entity::codes::{Department, Role};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every request with status 403 and the request's own text as the message of an error.
async fn mirror() -> App {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let length = stream.read(&mut request).await.expect("a request");
            let text = String::from_utf8_lossy(&request[..length]);
            let body =
                json!({ "errors": [{ "message": text, "extensions": { "code": "MIRRORED" } }] })
                    .to_string();
            let head = format!(
                "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream
                .write_all((head + &body).as_bytes())
                .await
                .expect("an answer taken");
        }
    });
    App::at(address)
}

async fn sent_by(actor: &Actor) -> String {
    let answer = actor
        .query("{ viewer { department } }", json!({ "first": 2 }))
        .await;
    assert_eq!(
        (answer.status(), answer.codes()),
        (403, vec!["MIRRORED".to_owned()])
    );
    assert!(answer.partial_data().is_null());
    answer.errors()[0]["message"]
        .as_str()
        .expect("a message")
        .to_owned()
}

#[tokio::test]
async fn an_actor_sends_document_language_and_token() {
    let app = mirror().await;
    let sent = sent_by(&app.clerk(Department::Civil, "150921").in_language("zh")).await;
    assert!(sent.starts_with("POST /graphql HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("accept-language: zh\r\n"), "{sent}");
    assert!(sent.contains("authorization: Bearer "), "{sent}");
    assert!(
        sent.ends_with(r#"{"query":"{ viewer { department } }","variables":{"first":2}}"#),
        "{sent}"
    );
    let sent = sent_by(&app.anonymous()).await;
    assert!(!sent.contains("authorization:"), "{sent}");
}

/// The server's own reading of a token accepts what each actor claims.
#[tokio::test]
async fn every_actor_has_a_token_the_server_accepts() {
    let app = mirror().await;
    for actor in [
        app.clerk(Department::Civil, "150921")
            .named("two-roles")
            .and(Role::Approver),
        app.reader(Department::Poverty, "15"),
        app.approver(Department::Finance, "150921"),
        app.helper("helper-1", "150921"),
        app.household("household-1", "150921"),
        app.institution(Department::School, "S001"),
        app.service(Department::Medins, "150921", "claims"),
        app.auditor(),
    ] {
        assert!(
            actor
                .authorization()
                .is_some_and(|value| value.starts_with("Bearer "))
        );
    }
}
