//! One feed by more and more threads, and by as many processes of one thread: what threads bring, and what the machine
//! has.
//!
//! `FEEDGATE_SCHEMAS=DIR cargo bench --bench scaling -- FEED [RUNS]` validates the feed by its format, which has to be
//! installed. Prints the best of the runs for each number of threads up to that of cores: seconds, processor
//! seconds, the speed-up over one thread, and the speed-up of as many processes that read the whole feed each. A figure
//! above 1 for the share says that threads bring more than processes.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| !each.starts_with("--")).collect();
    let [feed, rest @ ..] = arguments.as_slice() else {
        eprintln!("SKIPPED: give a feed: FEEDGATE_SCHEMAS=DIR cargo bench --bench scaling -- FEED");
        return;
    };
    let runs: usize = rest.first().and_then(|text| text.parse().ok()).unwrap_or(3);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:>7} {:>8} {:>10} {:>9} {:>10} {:>6}",
        "threads", "seconds", "processor", "speed-up", "processes", "share"
    );
    let mut one = None;
    for threads in 1..=cores {
        // In turn, so that a machine that slows down does so for both.
        let measured = (0..runs).map(|_| (measure(feed, threads, 1), measure(feed, 1, threads)));
        let (shared, apart): (Vec<Cost>, Vec<Cost>) = measured.unzip();
        let (shared, apart) = (best(&shared), best(&apart));
        let alone = *one.get_or_insert(shared.seconds);
        let (speed_up, possible) = (alone / shared.seconds, alone * threads as f64 / apart.seconds);
        println!(
            "{threads:>7} {:>8.3} {:>10.3} {speed_up:>9.2} {possible:>10.2} {:>6.2}",
            shared.seconds,
            shared.processor,
            speed_up / possible
        );
    }
}

/// What a run took.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    processor: f64,
}

fn best(costs: &[Cost]) -> Cost {
    costs.iter().copied().min_by(|a, b| a.seconds.total_cmp(&b.seconds)).expect("one run at least")
}

/// So many processes at a time, each with so many threads.
fn measure(feed: &str, threads: usize, processes: usize) -> Cost {
    let (before, started) = (children(), Instant::now());
    let running: Vec<Child> = (0..processes).map(|_| start(feed, threads)).collect();
    for mut child in running {
        let status = child.wait().expect("the program ends");
        assert!(status.code().is_some_and(|code| code <= 1), "the feed is validated: {status}");
    }
    Cost { seconds: started.elapsed().as_secs_f64(), processor: children() - before }
}

fn start(feed: &str, threads: usize) -> Child {
    Command::new(env!("CARGO_BIN_EXE_feedgate"))
        .args(["validate", "--threads", &threads.to_string(), feed])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Processor seconds of all processes that were waited for (Linux).
fn children() -> f64 {
    let status = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = status.rsplit(')').next().unwrap_or_default();
    let ticks =
        after_name.split_ascii_whitespace().skip(13).take(2).filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
