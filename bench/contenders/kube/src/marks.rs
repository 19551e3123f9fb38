//! How this contender tells the benchmark where it is: one line of JSON for each mark, with what the process has used so far.

use serde_json::{json, Value};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's allocator, which counts the bytes that it gives while it is asked to.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicU64 = AtomicU64::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            BYTES.fetch_add(layout.size() as u64, Relaxed);
        }
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        System.dealloc(pointer, layout)
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            BYTES.fetch_add(size.saturating_sub(layout.size()) as u64, Relaxed);
        }
        System.realloc(pointer, layout, size)
    }
}

pub fn count_allocations() {
    COUNTS.store(true, Relaxed);
}

pub fn allocated() -> u64 {
    BYTES.load(Relaxed)
}

/// CPU time and memory as the kernel counts them.
pub fn mark(name: &str, more: Value) {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let rss_kb: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut line = json!({
        "mark": name,
        "cpuMs": ms(usage.ru_utime) + ms(usage.ru_stime),
        "atMs": now.as_secs_f64() * 1e3,
        "rssMb": rss_kb / 1024.0,
        "peakMb": usage.ru_maxrss as f64 / 1024.0,
    });
    if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object()) {
        line.extend(more.clone());
    }
    println!("{line}");
    let _ = std::io::stdout().flush();
}

/// Waits until the benchmark has seen enough.
pub fn hold() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
