//! What a server can do to a request, one function each.

use std::io;

use super::server::Peer;

type Done = io::Result<()>;

pub async fn reset_unread(mut peer: Peer) -> Done {
    peer.arrival().await?;
    peer.reset()
}

pub async fn reset_read(mut peer: Peer) -> Done {
    peer.request().await?;
    peer.reset()
}

pub async fn close(mut peer: Peer) -> Done {
    peer.request().await.map(drop)
}

pub async fn reset_on_reuse(mut peer: Peer) -> Done {
    peer.request().await?;
    peer.answer(200, "{}").await?;
    reset_unread(peer).await
}

pub async fn close_on_reuse(mut peer: Peer) -> Done {
    peer.request().await?;
    peer.answer(200, "{}").await?;
    close(peer).await
}

pub async fn keep(mut peer: Peer) -> Done {
    loop {
        peer.request().await?;
        peer.answer(200, "{}").await?;
    }
}

pub async fn never_speak(peer: Peer) -> Done {
    peer.until_closed().await
}

/// Answers in plain text to whatever comes, such as the first message of TLS.
pub async fn plain_only(mut peer: Peer) -> Done {
    peer.stream.readable().await?;
    peer.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await?;
    peer.until_closed().await
}

/// Writes an answer and closes.
pub async fn say(mut peer: Peer, answer: &str) -> Done {
    peer.request().await?;
    peer.write(answer).await
}

/// Writes a beginning, then the same again and again until the client has enough.
pub async fn endless(mut peer: Peer, start: &str, again: &str) -> Done {
    peer.request().await?;
    peer.write(start).await?;
    loop {
        peer.write(again).await?;
    }
}

pub async fn drip(mut peer: Peer) -> Done {
    peer.request().await?;
    peer.stream.set_nodelay(true)?;
    for byte in "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n".split("") {
        peer.write(byte).await?;
        // The client's turn, so that it sees a piece at a time.
        tokio::task::yield_now().await;
    }
    peer.until_closed().await
}

/// Redirects to another place on the same server, which would be counted too.
pub async fn redirect(mut peer: Peer) -> Done {
    let address = peer.stream.local_addr()?;
    loop {
        peer.request().await?;
        peer.write(&format!("HTTP/1.1 307 x\r\nlocation: http://{address}/elsewhere\r\ncontent-length: 0\r\n\r\n"))
            .await?;
    }
}
