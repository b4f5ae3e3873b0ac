//! Many uploads at once, more than may be, and some whose clients go away.

use crate::support::{
    BRIEF, Running, classification_service, client, in_background, instead, is_refused, until,
    uploaded,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// A classification service that says nothing until it is let: its URL, how many ask, and the leave.
async fn held() -> (String, Arc<AtomicUsize>, Arc<Semaphore>) {
    let (asking, leave) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let seen = (Arc::clone(&asking), Arc::clone(&leave));
    let url = instead(move || {
        let (asking, leave) = seen.clone();
        async move {
            asking.fetch_add(1, Ordering::SeqCst);
            leave.acquire().await.unwrap().forget();
            r#"{"label":"letter","model_version":"1","confidence":1}"#
        }
    });
    (url.await, asking, leave)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_all_stored() {
    const COUNT: usize = 60;
    let url = classification_service().await;
    let service = Running::start(&url, |config| config.max_at_once = 4).await;
    let sent: Vec<_> = (0..COUNT).map(|_| in_background(&service.url)).collect();
    let mut ids = BTreeSet::new();
    for answer in sent {
        let answer = uploaded(answer.await.unwrap().unwrap()).await;
        assert_eq!(answer.label, "invoice");
        ids.insert(answer.id);
    }
    assert_eq!(ids.len(), COUNT);
    assert_eq!(service.directory.files().len(), COUNT);
    assert_eq!(service.directory.rows().await as usize, COUNT);
}

#[tokio::test]
async fn one_too_many_waits_a_little_and_is_sent_away() {
    let (url, asking, leave) = held().await;
    let service = Running::start(&url, |config| {
        config.max_at_once = 2;
        config.turn_timeout = BRIEF;
    })
    .await;
    let first = [in_background(&service.url), in_background(&service.url)];
    until("two at work", || asking.load(Ordering::SeqCst) == 2).await;
    let answer = service.upload_named("third.pdf").await;
    assert_eq!(answer.headers()["retry-after"], "1");
    is_refused(answer, 503, "busy").await;
    // Health is not behind the crowd.
    let health = client().get(format!("{}/health", service.url)).send().await.unwrap();
    assert_eq!(health.status(), 200);
    leave.add_permits(3);
    for answer in first {
        assert_eq!(uploaded(answer.await.unwrap().unwrap()).await.label, "letter");
    }
    uploaded(service.upload_named("third.pdf").await).await;
}

#[tokio::test]
async fn a_client_that_goes_leaves_nothing_behind() {
    let (url, asking, leave) = held().await;
    let service = Running::start(&url, |config| config.max_at_once = 1).await;
    let gone = in_background(&service.url);
    until("one at work", || asking.load(Ordering::SeqCst) == 1).await;
    assert_eq!(service.directory.files().len(), 1);
    gone.abort();
    until("no file", || service.directory.files().is_empty()).await;
    assert_eq!(service.directory.rows().await, 0);
    // Its turn is another's.
    leave.add_permits(2);
    uploaded(service.upload_named("next.pdf").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_some_go_and_the_others_are_stored() {
    const COUNT: usize = 200;
    let url = classification_service().await;
    let service = Running::start(&url, |config| config.max_at_once = 8).await;
    let mut sent: Vec<_> = (0..COUNT).map(|_| in_background(&service.url)).collect();
    let mut ids = BTreeSet::new();
    for (number, answer) in sent.iter_mut().enumerate() {
        // By then it may be anywhere: not begun, under way, or done.
        if number % 5 == 0 {
            answer.abort();
        }
        if let Ok(answer) = answer.await {
            ids.insert(uploaded(answer.unwrap()).await.id);
        }
    }
    assert!(ids.len() >= COUNT - COUNT / 5, "{}", ids.len());
    let (directory, ended) = service.end().await;
    ended.unwrap();
    let query = sqlx::query_scalar("SELECT id FROM documents");
    let rows: Vec<String> = query.fetch_all(&mut directory.connection().await).await.unwrap();
    let files: BTreeSet<String> = directory.files().iter().map(|it| id_of(it)).collect();
    // None that was answered is lost, and none is written down without its file.
    assert!(ids.iter().all(|id| rows.contains(id)));
    assert!(rows.iter().all(|id| files.contains(id)));
    assert!(files.len() <= COUNT);
}

fn id_of(path: &std::path::Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy();
    assert!(name.ends_with(".pdf"), "{name} is unfinished");
    name.split('-').next().unwrap().to_owned()
}
