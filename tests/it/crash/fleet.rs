//! Three servers on one database, while a random one is killed, paused or cut off from the database, or while the database
//! moves to its standby, again and again.
use super::{Progress, RUNS, answered, check, flow, kills, load, sink::Sink};
use crate::support::{
    backend::Database,
    background::free_port,
    fleet::Fleet,
    line::Line,
    postgres::{Postgres, postgres},
    wait::until,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{mem, sync::Arc};

const SERVERS: usize = 3;

/// Starts runs on a random server, and lets `harm` happen to it a moment later. Then checks all accepted runs.
async fn harm_repeatedly(mut fleet: Fleet, (times, seed): (usize, u64), mut harm: impl AsyncFnMut(&mut Fleet, usize)) {
    let mut random = StdRng::seed_from_u64(seed);
    let sink = Sink::start().await;
    let path = flow::save(&fleet.client(0), &sink).await;
    let mut accepted = Vec::new();
    for time in 0..times {
        let server = random.random_range(0..SERVERS);
        let progress = Progress::default();
        let working = tokio::spawn(load(fleet.client(server), path.clone(), time * RUNS, Arc::clone(&progress)));
        answered(&progress, random.random_range(4..80)).await;
        harm(&mut fleet, server).await;
        accepted.extend(working.await.unwrap());
    }
    assert!(accepted.len() >= times / 4, "only {} runs were accepted", accepted.len());
    check(&fleet.client(0), &sink, &accepted).await;
}

async fn living(fleet: &Fleet, count: usize) {
    until("the others have noticed", async || fleet.living() == count).await;
}

fn kill_and_start(fleet: &mut Fleet, server: usize) {
    fleet.servers[server].kill();
    fleet.again(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_servers_with_one_database_lose_no_accepted_run() {
    let fleet = Fleet::start(SERVERS).await;
    harm_repeatedly(fleet, (kills().div_ceil(5), 3), async |fleet, server| kill_and_start(fleet, server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_server_cannot_move_on_what_others_have_taken_over() {
    let fleet = Fleet::start(SERVERS).await;
    harm_repeatedly(fleet, (kills().div_ceil(50), 4), async |fleet, server| {
        living(fleet, SERVERS).await;
        fleet.servers[server].signal("STOP");
        living(fleet, SERVERS - 1).await;
        fleet.servers[server].signal("CONT");
        living(fleet, SERVERS).await;
        kill_and_start(fleet, server);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_late_from_a_server_that_was_cut_off_changes_nothing() {
    let database = Database::create();
    let lines = [Line::to(postgres().port).await, Line::to(postgres().port).await, Line::to(postgres().port).await];
    let urls = lines.iter().map(|line| database.url_through(line.port)).collect();
    let fleet = Fleet::through(database, urls, &[]).await;
    harm_repeatedly(fleet, (kills().div_ceil(50), 5), async |fleet, server| {
        living(fleet, SERVERS).await;
        lines[server].stall(true);
        living(fleet, SERVERS - 1).await;
        lines[server].stall(false);
        living(fleet, SERVERS).await;
        kill_and_start(fleet, server);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_accepted_run_is_lost_when_the_database_moves_to_its_synchronous_standby() {
    let mut primary = Postgres::start().expect("PostgreSQL is not installed");
    let mut standby = primary.standby(free_port());
    let database = Database::on(&primary);
    let urls = vec![database.url_on([primary.port, standby.port]); SERVERS];
    let fleet = Fleet::through(database, urls, &[]).await;
    harm_repeatedly(fleet, (kills().div_ceil(100), 6), async |fleet, server| {
        primary.stop();
        standby.promote();
        fleet.moved_to(&standby);
        let clients: Vec<_> = (0..SERVERS).map(|server| fleet.client(server)).collect();
        until("all servers have found it", async || {
            let answers = futures_util::future::join_all(clients.iter().map(|client| client.get("/readyz"))).await;
            answers.iter().all(|answer| answer.status == 200)
        })
        .await;
        let port = primary.port;
        mem::swap(&mut primary, &mut standby);
        standby = primary.standby(port);
        kill_and_start(fleet, server);
    })
    .await;
}
