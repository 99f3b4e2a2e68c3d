//! A proxy that says yes before it knows: it acknowledges a request as soon as it has passed it on.

use super::Problem;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

/// Requests that the server may owe an answer to.
const UNDERWAY: usize = 16;
/// What every request is answered: nothing was wrong.
const ANSWER: &str = r#"{"data":{"done":{"results":[],"changed":{"id":"-"},"userErrors":[]}}}"#;

/// Listens before the server, until the process ends.
pub(super) async fn listen(server: SocketAddr) -> Result<SocketAddr, Problem> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let underway = Arc::new(Semaphore::new(UNDERWAY));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            // An error ends the connection, as it would end the client's own.
            tokio::spawn(pass(client, server, Arc::clone(&underway)));
        }
    });
    Ok(address)
}

/// Passes on the request of a connection; the client sends one on each.
async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    underway: Arc<Semaphore>,
) -> io::Result<()> {
    let request = read(&mut client).await?;
    let permit = underway.acquire_owned().await;
    let mut onward = TcpStream::connect(server).await?;
    onward.write_all(&request).await?;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await?;
    // The true answer is heard by nobody, but the server must be able to give it.
    onward.read_u8().await?;
    drop(permit);
    Ok(())
}

/// Head and body of one request.
async fn read(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    while request.len() < whole_length(&request).unwrap_or(usize::MAX) {
        if client.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(request)
}

/// The length of head and body, once the head is there.
fn whole_length(request: &[u8]) -> Option<usize> {
    let head = request.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    let (_, length) = text.split_once("content-length:")?;
    let length: usize = length.lines().next()?.trim().parse().ok()?;
    Some(head + length)
}
