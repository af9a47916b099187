//! Three servers on one database, of which a random one is killed, paused or stopped again and again.
use super::{RUNS, check, flow, kills, load, sink::Sink};
use crate::support::{fleet::Fleet, wait::until};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::time::Duration;

const SERVERS: usize = 3;

/// Starts runs on one server, and lets `harm` happen to it at a random moment. Then checks all accepted runs.
async fn harm_repeatedly(times: usize, seed: u64, harm: impl AsyncFn(&mut Fleet, usize)) {
    let mut random = StdRng::seed_from_u64(seed);
    let sink = Sink::start().await;
    let mut fleet = Fleet::start(SERVERS).await;
    let path = flow::save(&fleet.client(0), &sink).await;
    let mut accepted = Vec::new();
    for time in 0..times {
        let server = random.random_range(0..SERVERS);
        let working = tokio::spawn(load(fleet.client(server), path.clone(), time * RUNS));
        tokio::time::sleep(Duration::from_millis(random.random_range(300..1500))).await;
        harm(&mut fleet, server).await;
        accepted.extend(working.await.unwrap());
        fleet.again(server);
    }
    assert!(accepted.len() >= times / 4, "only {} runs were accepted", accepted.len());
    check(&fleet.client(0), &sink, &accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_servers_with_one_database_lose_no_accepted_run() {
    harm_repeatedly(kills().div_ceil(5), 3, async |fleet, server| fleet.servers[server].kill()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_server_cannot_move_on_what_others_have_taken_over() {
    harm_repeatedly(kills().div_ceil(50), 4, async |fleet, server| {
        let living = async |fleet: &Fleet, count: usize| {
            until("the others have noticed", async || fleet.living() == count).await;
        };
        living(fleet, SERVERS).await;
        fleet.servers[server].signal("STOP");
        living(fleet, SERVERS - 1).await;
        fleet.servers[server].signal("CONT");
        living(fleet, SERVERS).await;
        fleet.servers[server].kill();
    })
    .await;
}
