//! Callers that disconnect: what they asked for is done completely or not at all, and no run is left unfinished.
mod requests;
mod storm;
mod wholeness;

use crate::support::caller::{Moment, Request};
use crate::support::{Stored, TestServer, World, wait::PATIENCE};
use jet_admin::{auth::Signup, store::Tx};
use requests::{EMAIL, PASSWORD, changes};
use reqwest::Method;
use serde_json::json;
use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};
use wholeness::settle;

/// Creates a world with open sign-up and one account that signed up.
async fn world() -> World {
    let server = TestServer::start_with(|config| config.signup = Some(Signup::Open)).await;
    let world = World::on(server).await.filled().await;
    let account = json!({"email": EMAIL, "password": PASSWORD});
    world.server.anyone().post("/api/v1/session/sign-up", account).await.expect(200);
    world
}

/// Hangs up while the request's write waits for its commit, which the busy writers delay until then.
async fn hang_up_before_the_commit(world: &World, request: &Request) {
    let app = &world.server.server.app;
    let busy = || {
        let (go, until) = mpsc::channel::<()>();
        let hold = move || {
            let _ = until.recv_timeout(Duration::from_secs(5));
        };
        (go, hold)
    };
    let ((go, hold), (go_runs, hold_runs)) = (busy(), busy());
    let (store, runs) = (Arc::clone(&app.store), Arc::clone(&app.store));
    let writers = [
        tokio::spawn(async move {
            store
                .write(move |_| {
                    hold();
                    Ok(())
                })
                .await
        }),
        tokio::spawn(async move {
            runs.runs
                .write(move |_| {
                    hold_runs();
                    Ok(())
                })
                .await
        }),
    ];
    request.hang_up(world.server.server.address, Moment::After(Duration::from_millis(5))).await;
    // gives the server time to notice it
    let hung_up_at = Instant::now();
    while hung_up_at.elapsed() < Duration::from_millis(3) {
        tokio::task::yield_now().await;
    }
    drop((go, go_runs));
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_complete_or_absent_when_its_caller_disconnects() {
    let world = world().await;
    let address = world.server.server.address;
    let changes = changes();
    assert!(changes.len() > 50, "the API document lacks routes");
    for operation in changes {
        for moment in [Moment::AfterTheHead, Moment::WithinTheBody].into_iter().chain(Moment::WHOLE) {
            operation.prepare(&world).await.hang_up(address, moment).await;
        }
        hang_up_before_the_commit(&world, &operation.prepare(&world).await).await;
        settle(&world.server, &operation.id).await;
        let answer = operation.prepare(&world).await.send().await;
        assert!(answer.status.is_success(), "{}, sent without hanging up: {answer}", operation.id);
    }
    settle(&world.server, "everything").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_cut_off_by_a_shutdown_is_committed_before_the_server_exits() {
    let server = TestServer::start_with(|config| config.shutdown_grace = Duration::from_millis(50)).await;
    let World { server, client, .. } = World::on(server).await;
    // the writer is busy until the connection is cut off
    let store = Arc::clone(&server.server.app.store);
    let (go, held) = mpsc::channel::<()>();
    let write = move |tx: &Tx<'_>| {
        tx.count_users()?;
        let _ = held.recv_timeout(Duration::from_secs(20));
        Ok(())
    };
    let busy = tokio::spawn(async move { store.write(write).await });
    let body = json!({"name": "kept", "value": "x"});
    let answer = tokio::spawn(async move { client.call(Method::POST, "variables").json(&body).try_send().await });
    let start = Instant::now();
    while server.server.app.shield.pending() == 0 {
        assert!(start.elapsed() < PATIENCE, "the request does not arrive");
        tokio::task::yield_now().await;
    }
    let release = async {
        assert!(answer.await.unwrap().is_err(), "the connection must be cut off");
        drop(go);
    };
    let (dir, ()) = tokio::join!(server.stop(), release);
    busy.await.unwrap().unwrap();
    let workspace = Stored::workspace(&dir.path().join("data"));
    assert_eq!(workspace.number("select count(*) from objects where name = 'kept'"), 1);
}
