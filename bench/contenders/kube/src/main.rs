//! The workloads with kube.

mod marks;

use futures::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{ListParams, Patch, PatchParams};
use kube::core::PartialObjectMeta;
use kube::runtime::controller::{Action, Controller};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{reflector, watcher as watch_events, WatchStreamExt};
use kube::{Api, Client, Resource, ResourceExt};
use marks::{allocated, count_allocations, hold, mark, Counting};
use serde_json::{json, Value};
use std::hash::Hash;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::Arc;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let options: Value = serde_json::from_str(&arguments.next().unwrap_or("{}".into()))?;
    let number = |key: &str| options[key].as_i64().unwrap_or_default();
    let client = Client::try_default().await?;
    match name.as_str() {
        "sync" => sync(client, options["mode"].as_str().unwrap_or_default()).await?,
        "watch" => watch(client, number("events")).await?,
        "idle" => idle(client, number("watches")).await?,
        "reconcile" => reconcile(client, number("objects"), options["apply"] == true).await?,
        "requests" => requests(client, number("count"), number("parallel")).await?,
        "firstList" => first_list(client).await?,
        _ => {
            mark("unsupported", json!({}));
            return Ok(());
        }
    }
    hold();
    // What is left to drop is not measured.
    std::process::exit(0)
}

async fn sync(client: Client, mode: &str) -> Outcome {
    mark("begin", json!({}));
    let pods: Api<Pod> = Api::all(client.clone());
    let config = watcher::Config::default();
    match mode {
        "paged" => until_ready(watch_events(pods, config)).await,
        "streamed" => until_ready(watch_events(pods, config.streaming_lists())).await,
        "metadata" => until_ready(watch_events(Api::<PartialObjectMeta<Pod>>::all(client), config)).await,
        "dropped" => {
            until_ready(watch_events(pods, config).modify(|pod| pod.managed_fields_mut().clear())).await
        }
        _ => {
            mark("unsupported", json!({}));
            Ok(())
        }
    }
}

/// Keeps a store of the events until the first list is through.
async fn until_ready<K>(events: impl Stream<Item = watcher::Result<Event<K>>> + Send) -> Outcome
where
    K: Resource + Clone + 'static,
    K::DynamicType: Default + Eq + Hash + Clone,
{
    let (store, writer) = reflector::store();
    let mut stream = pin!(reflector::reflector(writer, events));
    while let Some(event) = stream.try_next().await? {
        if let Event::InitDone = event {
            mark("ready", json!({ "objects": store.len() }));
            hold();
            std::process::exit(0);
        }
    }
    Ok(())
}

async fn watch(client: Client, events: i64) -> Outcome {
    let (store, writer) = reflector::store();
    let pods: Api<Pod> = Api::all(client);
    let mut stream = pin!(reflector::reflector(writer, watch_events(pods, watcher::Config::default())));
    let mut left = events;
    while let Some(event) = stream.try_next().await? {
        match event {
            Event::InitDone => {
                mark("ready", json!({ "objects": store.len() }));
                count_allocations();
            }
            Event::Apply(_) => {
                left -= 1;
                if left == 0 {
                    mark("done", json!({ "events": events, "allocatedBytes": allocated() }));
                    return Ok(());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn idle(client: Client, watches: i64) -> Outcome {
    mark("begin", json!({}));
    let followed = (0..watches).map(|index| {
        let maps: Api<ConfigMap> = Api::namespaced(client.clone(), &format!("team-{index}"));
        let (store, writer) = reflector::store();
        tokio::spawn(reflector::reflector(writer, watch_events(maps, watcher::Config::default())).for_each(|_| async {}));
        async move { store.wait_until_ready().await }
    });
    futures::future::try_join_all(followed).await?;
    mark("ready", json!({}));
    Ok(())
}

struct Context {
    client: Client,
    apply: bool,
    left: AtomicI64,
    done: tokio::sync::Notify,
}

async fn reconcile(client: Client, objects: i64, apply: bool) -> Outcome {
    mark("begin", json!({}));
    let context = Arc::new(Context {
        client: client.clone(),
        apply,
        left: AtomicI64::new(objects),
        done: tokio::sync::Notify::new(),
    });
    let maps: Api<ConfigMap> = Api::all(client);
    // As many at once as kindred's default.
    let controller = Controller::new(maps, watcher::Config::default())
        .with_config(kube::runtime::controller::Config::default().concurrency(8));
    let run = controller
        .run(reconcile_one, |_, _, _| Action::requeue(Duration::from_secs(1)), context.clone())
        .for_each(|_| async {});
    tokio::spawn(run);
    context.done.notified().await;
    mark("done", json!({}));
    Ok(())
}

async fn reconcile_one(object: Arc<ConfigMap>, context: Arc<Context>) -> Result<Action, kube::Error> {
    if context.apply {
        let maps: Api<ConfigMap> = Api::namespaced(context.client.clone(), &object.namespace().unwrap_or_default());
        let name = format!("child-of-{}", object.name_any());
        let child = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "of": object.name_any() },
        });
        maps.patch(&name, &PatchParams::apply("bench").force(), &Patch::Apply(child)).await?;
    }
    if context.left.fetch_sub(1, SeqCst) == 1 {
        context.done.notify_one();
    }
    Ok(Action::await_change())
}

async fn requests(client: Client, count: i64, parallel: i64) -> Outcome {
    let maps: Api<ConfigMap> = Api::namespaced(client, "default");
    maps.get("small").await?;
    mark("begin", json!({}));
    let left = Arc::new(AtomicI64::new(count));
    let workers = (0..parallel).map(|_| {
        let (maps, left) = (maps.clone(), left.clone());
        tokio::spawn(async move {
            while left.fetch_sub(1, SeqCst) > 0 {
                maps.get("small").await?;
            }
            Ok::<(), kube::Error>(())
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    mark("done", json!({}));
    Ok(())
}

async fn first_list(client: Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::all(client);
    let list = maps.list(&ListParams::default().limit(20)).await?;
    mark("done", json!({ "objects": list.items.len() }));
    Ok(())
}
