//! serde_pickle_bench SECONDS FILE...: one JSON line per file with the least CPU time of loading and dropping its value.
use std::{env, fs, hint::black_box};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, out: *mut Timespec) -> i32;
}

const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;

fn cpu_milliseconds() -> f64 {
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.seconds as f64 * 1e3 + now.nanoseconds as f64 / 1e6
}

fn load(data: &[u8]) -> Result<(), serde_pickle::Error> {
    let options = serde_pickle::DeOptions::new().replace_unresolved_globals();
    let value = serde_pickle::value_from_slice(data, options)?;
    drop(black_box(value));
    Ok(())
}

fn main() {
    let mut arguments = env::args().skip(1);
    let seconds: f64 = arguments.next().and_then(|text| text.parse().ok()).expect("usage: serde_pickle_bench SECONDS FILE...");
    for file in arguments {
        let data = fs::read(&file).expect("cannot read the file");
        let begin = cpu_milliseconds();
        let mut least = f64::INFINITY;
        let mut rounds = 0;
        let mut error = None;
        while rounds < 3 || cpu_milliseconds() - begin < seconds * 1e3 {
            let start = cpu_milliseconds();
            if let Err(why) = load(&data) {
                error = Some(why.to_string());
                break;
            }
            least = least.min(cpu_milliseconds() - start);
            rounds += 1;
        }
        match error {
            Some(why) => println!("{{\"file\": {file:?}, \"error\": {why:?}}}"),
            None => println!("{{\"file\": {file:?}, \"ms\": {least:.4}, \"rounds\": {rounds}, \"bytes\": {}}}", data.len()),
        }
    }
}
