//! CPU time and memory of this process, and facts about the machine, from `/proc`.

use std::time::Duration;
use std::{fs, thread};

use crate::Result;

/// The number of cores.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Pins this process to one core, on Linux.
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
    thread::sleep(Duration::from_millis(1)); // the kernel updates the figure when the thread is descheduled
    let times = fs::read_to_string("/proc/self/schedstat")?;
    let used = times.split(' ').next().ok_or("no time in /proc/self/schedstat")?;
    Ok(Duration::from_nanos(used.parse()?))
}

/// The peak of this process's resident memory, in bytes.
pub fn peak() -> Result<u64> {
    status("VmHWM:")
}

/// This process's resident memory, in bytes.
pub fn resident() -> Result<u64> {
    status("VmRSS:")
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let line = line.ok_or_else(|| format!("no {name} in /proc/self/status"))?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// The processor's name, for the report.
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned())
}
