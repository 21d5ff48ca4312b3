//! A connection that is polled again at once when it has woken itself.
//!
//! Reading a request's body, a handler wakes the very task that it runs in. The runtime takes that for a yield: it puts the
//! task at the end of the queue and wakes another thread to take it over, which costs a small call as much as all of its
//! other work. Here the connection is polled once more instead, a few times at the most. Who wakes it from elsewhere, as
//! the pieces of a stream do, wakes the task as ever: between two pieces others have their turn, and so has the client.
//!
//! What an answer leaves to be done when all of it has been written to its client is done then, by [`afterwards`].

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// How often it is polled in a row before others have their turn.
const POLLS_MAX: usize = 4;

/// No thread.
const NOWHERE: usize = 0;

type Job = Box<dyn FnOnce()>;

thread_local! {
    /// Whether a connection is being polled by this thread.
    static POLLING: Cell<bool> = const { Cell::new(false) };
    static AFTERWARDS: RefCell<Vec<Job>> = const { RefCell::new(Vec::new()) };
}

/// Does `job` when the connection that is being polled has written what it had to write; at once where none is.
pub fn afterwards(job: impl FnOnce() + 'static) {
    if POLLING.get() {
        AFTERWARDS.with_borrow_mut(|jobs| jobs.push(Box::new(job)));
    } else {
        job();
    }
}

/// A connection is being polled. What it leaves to be done is done when this is dropped, even by a panic.
struct Polling;

impl Polling {
    fn begin() -> Polling {
        POLLING.set(true);
        Polling
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        POLLING.set(false);
        // A job may leave another.
        while let Some(job) = AFTERWARDS.with_borrow_mut(Vec::pop) {
            job();
        }
    }
}

/// The thread that runs this, as a number.
fn here() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

#[derive(Default)]
struct Relay {
    /// The thread that polls it, while one does.
    polled_by: AtomicUsize,
    /// It has woken itself. Only that thread looks at this.
    woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.polled_by.load(Ordering::Relaxed) == here() {
            self.woken.store(true, Ordering::Relaxed);
        } else {
            self.task.wake();
        }
    }
}

/// See the module's own words.
pub struct Eager<F> {
    inner: Pin<Box<F>>,
    relay: Arc<Relay>,
    waker: Waker,
}

impl<F> Eager<F> {
    pub fn new(inner: F) -> Eager<F> {
        let relay = Arc::new(Relay::default());
        Eager { inner: Box::pin(inner), waker: Waker::from(Arc::clone(&relay)), relay }
    }
}

impl<F: Future> Future for Eager<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Eager { inner, relay, waker } = &mut *self;
        let _polling = Polling::begin();
        relay.task.register(cx.waker());
        relay.polled_by.store(here(), Ordering::Relaxed);
        let mut polled = Poll::Pending;
        for _ in 0..POLLS_MAX {
            relay.woken.store(false, Ordering::Relaxed);
            polled = inner.as_mut().poll(&mut Context::from_waker(waker));
            if polled.is_ready() || !relay.woken.load(Ordering::Relaxed) {
                break;
            }
        }
        relay.polled_by.store(NOWHERE, Ordering::Relaxed);
        if polled.is_pending() && relay.woken.swap(false, Ordering::Relaxed) {
            cx.waker().wake_by_ref();
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_wakes_itself_is_polled_again_without_the_runtime() {
        let (polls, outer) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut eager = Box::pin(Eager::new(poll_fn(|cx| {
            if polls.fetch_add(1, Ordering::SeqCst) == 3 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })));
        poll_fn(|cx| {
            outer.fetch_add(1, Ordering::SeqCst);
            eager.as_mut().poll(cx)
        })
        .await;
        assert_eq!((polls.into_inner(), outer.into_inner()), (4, 1));
    }

    #[tokio::test]
    async fn what_is_left_for_afterwards_is_done_when_the_connection_has_been_polled_and_at_once_outside_of_one() {
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let note = |what: &'static str| {
            let seen = Arc::clone(&seen);
            move || seen.lock().unwrap().push(what)
        };
        let (later, now) = (note("afterwards"), note("written"));
        Eager::new(async move {
            afterwards(later);
            now();
        })
        .await;
        afterwards(note("outside"));
        assert_eq!(*seen.lock().unwrap(), ["written", "afterwards", "outside"]);
    }

    #[tokio::test]
    async fn others_have_their_turn() {
        let polls = AtomicUsize::new(0);
        let never_still = Eager::new(poll_fn(|cx| {
            polls.fetch_add(1, Ordering::SeqCst);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        assert!(tokio::time::timeout(Duration::from_millis(20), never_still).await.is_err(), "the timer has its turn");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_wakening_is_lost() {
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                tokio::spawn(Eager::new(async {
                    let (hand, mut take) = tokio::sync::mpsc::channel(1);
                    let giver = tokio::spawn(async move {
                        for n in 0..2_000 {
                            hand.send(n).await.unwrap();
                        }
                    });
                    let mut sum = 0;
                    while let Some(n) = take.recv().await {
                        sum += n;
                    }
                    giver.await.unwrap();
                    sum
                }))
            })
            .collect();
        for task in tasks {
            let sum = tokio::time::timeout(Duration::from_secs(60), task).await.expect("it ends").unwrap();
            assert_eq!(sum, 1_999_000);
        }
    }
}
