use std::time::Duration;

use super::pool::Warmth;
use super::testing::Vendor;
use super::*;

fn dial(url: &str) -> Dial {
    Dial {
        url: url.to_owned(),
        headers: Vec::new(),
        largest: 1 << 20,
        most_unsent: 1 << 20,
        limit: Duration::from_millis(300),
    }
}

async fn dialled(vendor: &Vendor, answer: impl Future<Output = ()>) -> Option<FaultKind> {
    let (socket, ()) = tokio::join!(dial(&vendor.url).dial(), answer);
    socket.err()
}

#[tokio::test]
async fn a_handshake_fails_as_its_answer_says() {
    let vendor = Vendor::open().await;
    for (status, kind) in [
        (301, FaultKind::Refused),
        (401, FaultKind::Refused),
        (408, FaultKind::Timeout),
        (429, FaultKind::Overloaded),
        (500, FaultKind::Internal),
        (503, FaultKind::Internal),
    ] {
        assert_eq!(
            dialled(&vendor, vendor.refuse(status)).await,
            Some(kind),
            "{status}"
        );
    }
    assert_eq!(
        dialled(&vendor, vendor.hang_up()).await,
        Some(FaultKind::Disconnected)
    );
    let silence = async { drop(vendor.stall().await.readable().await) };
    let (socket, stalled) = tokio::join!(dial(&vendor.url).dial(), vendor.stall());
    assert_eq!(socket.err(), Some(FaultKind::Timeout));
    drop((silence, stalled));
}

#[tokio::test]
async fn an_open_socket_ends_as_its_close_code_says() {
    let vendor = Vendor::open().await;
    for (code, kind) in [
        (1000, FaultKind::Internal),
        (1001, FaultKind::Disconnected),
        (1008, FaultKind::Refused),
        (1011, FaultKind::Disconnected),
        (1013, FaultKind::Overloaded),
    ] {
        let (socket, visit) = tokio::join!(dial(&vendor.url).dial(), vendor.visit());
        let mut socket = socket.expect("a socket");
        let closing = tokio::spawn(visit.close(code, "why"));
        assert_eq!(socket.receive().await, Err(kind), "{code}");
        drop(socket);
        closing.await.expect("closed");
    }
    let (socket, visit) = tokio::join!(dial(&vendor.url).dial(), vendor.visit());
    visit.cut();
    assert_eq!(
        socket.expect("a socket").receive().await,
        Err(FaultKind::Disconnected)
    );
}

#[tokio::test]
async fn a_failed_write_tells_what_the_vendor_said_before() {
    let vendor = Vendor::open().await;
    let (socket, visit) = tokio::join!(dial(&vendor.url).dial(), vendor.visit());
    let mut socket = socket.expect("a socket");
    let closing = tokio::spawn(visit.close(1008, "DATA-0000"));
    let failed = async {
        loop {
            if let Err(kind) = socket.send([Message::text("more")]).await {
                return kind;
            }
            // The close frame arrives at some time; without it writes go on to succeed.
            tokio::task::yield_now().await;
            if let Err(kind) = socket.receive().await {
                return kind;
            }
        }
    };
    assert_eq!(failed.await, FaultKind::Refused);
    drop(socket);
    closing.await.expect("closed");
}

fn warmth(life_ms: u64, linger_ms: u64) -> Warmth {
    Warmth {
        sockets: 1,
        life: Duration::from_millis(life_ms),
        linger: Duration::from_millis(linger_ms),
    }
}

#[tokio::test]
async fn a_socket_is_dialled_ahead_and_replaced_when_it_ends_or_ages() {
    let vendor = Vendor::open().await;
    let url = vendor.url.clone();
    let pool = Pool::new(warmth(60_000, 60_000), dial);
    let (first, _visit) = tokio::join!(pool.take(&url), vendor.visit());
    assert!(!first.expect("a socket").warm);
    let ahead = vendor.visit().await;
    pool.until_idle(1).await;
    ahead.close(1000, "connection idle timeout").await;
    let replaced = vendor.visit().await;
    pool.until_idle(1).await;
    let second = pool.take(&url).await.expect("a socket");
    assert!(second.warm);
    drop(replaced);
    drop(second);

    let vendor = Vendor::open().await;
    let pool = Pool::new(warmth(20, 60_000), dial);
    let (_lease, _visit) = tokio::join!(pool.take(&vendor.url), vendor.visit());
    for _ in 0..3 {
        let mut aged = vendor.visit().await;
        assert_eq!(aged.next().await, None);
    }
}

#[tokio::test]
async fn nothing_is_kept_when_nobody_needs_it() {
    let vendor = Vendor::open().await;
    let pool = Pool::new(warmth(60_000, 0), dial);
    let (lease, _visit) = tokio::join!(pool.take(&vendor.url), vendor.visit());
    let mut ahead = vendor.visit().await;
    pool.until_idle(1).await;
    drop(lease);
    pool.until_idle(0).await;
    assert_eq!(ahead.next().await, None);
}

#[tokio::test]
async fn a_socket_given_back_is_used_again() {
    let vendor = Vendor::open().await;
    let pool = Pool::new(warmth(60_000, 60_000), dial);
    let (lease, mut visit) = tokio::join!(pool.take(&vendor.url), vendor.visit());
    lease.expect("a socket").put_back();
    let mut again = pool.take(&vendor.url).await.expect("a socket");
    assert!(again.warm);
    again.socket.send([Message::text("{}")]).await.expect("sent");
    assert_eq!(visit.next().await, Some(Message::text("{}")));
    let (other, _visit) = tokio::join!(pool.take("ws://127.0.0.1:1"), async {});
    assert!(other.is_err());
}
