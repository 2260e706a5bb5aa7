//! What the machine says of a process: its CPU time, its memory, and where it runs.

use std::time::Duration;
use std::{fs, thread};

use crate::Result;

/// The cores there are.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Keeps this process on one core, where that can be done.
pub fn pin(core: usize) -> Result {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        set.set(core);
        rustix::thread::sched_setaffinity(None, &set)?;
    }
    let _ = core;
    Ok(())
}

/// The CPU time that this process's first thread has used.
pub fn cpu() -> Result<Duration> {
    thread::sleep(Duration::from_millis(1)); // the kernel adds it up when a thread stops
    let times = fs::read_to_string("/proc/self/schedstat")?;
    let used = times.split(' ').next().ok_or("no time in /proc/self/schedstat")?;
    Ok(Duration::from_nanos(used.parse()?))
}

/// The most memory that this process has had, in bytes.
pub fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// The processor's name, for a report.
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned())
}
