//! Scripts of a server, one function each.

use std::io;

use tokio::io::AsyncWriteExt;

use super::server::Peer;

type Served = io::Result<()>;

pub async fn reset_unread(mut peer: Peer) -> Served {
    peer.unread_request().await?;
    peer.reset()
}

pub async fn reset_read(mut peer: Peer) -> Served {
    peer.request().await?;
    peer.reset()
}

pub async fn close(mut peer: Peer) -> Served {
    peer.request().await.map(drop)
}

pub async fn reset_on_reuse(mut peer: Peer) -> Served {
    peer.request().await?;
    peer.respond(200, "{}").await?;
    reset_unread(peer).await
}

pub async fn close_on_reuse(mut peer: Peer) -> Served {
    peer.request().await?;
    peer.respond(200, "{}").await?;
    close(peer).await
}

pub async fn keep_alive(mut peer: Peer) -> Served {
    loop {
        peer.request().await?;
        peer.respond(200, "{}").await?;
    }
}

pub async fn never_respond(peer: Peer) -> Served {
    peer.until_closed().await
}

/// Responds in plain HTTP to the first bytes, such as a TLS handshake.
pub async fn plain_only(mut peer: Peer) -> Served {
    peer.tcp().readable().await?;
    peer.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await?;
    peer.until_closed().await
}

/// Writes this response and closes the connection.
pub async fn respond_once(mut peer: Peer, response: &str) -> Served {
    peer.request().await?;
    peer.write(response).await?;
    peer.stream.shutdown().await
}

/// Writes `start`, then `repeated` until the client closes the connection.
pub async fn endless(mut peer: Peer, start: &str, repeated: &str) -> Served {
    peer.request().await?;
    peer.write(start).await?;
    loop {
        peer.write(repeated).await?;
    }
}

pub async fn drip(mut peer: Peer) -> Served {
    peer.request().await?;
    peer.tcp().set_nodelay(true)?;
    for byte in "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n".split("") {
        peer.write(byte).await?;
        // Lets the client read, so that it receives one byte at a time.
        tokio::task::yield_now().await;
    }
    peer.until_closed().await
}

/// Redirects to another path of the same server, so that a followed redirect would be counted.
pub async fn redirect(mut peer: Peer) -> Served {
    let address = peer.tcp().local_addr()?;
    loop {
        peer.request().await?;
        peer.write(&format!("HTTP/1.1 307 x\r\nlocation: http://{address}/elsewhere\r\ncontent-length: 0\r\n\r\n"))
            .await?;
    }
}
