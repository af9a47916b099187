//! The backoff between attempts.
use crate::model::workflow::Retry;
use std::time::Duration;

/// Maximum delay between two attempts.
const MAX_DELAY_MS: f64 = 3_600_000.0;

/// Returns the delay after the `failures`-th failure: exponential, with jitter between half of the full delay and all
/// of it that depends on `seed`.
pub fn backoff(retry: &Retry, failures: u32, seed: u64) -> Duration {
    let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
    #[allow(clippy::cast_precision_loss)] // milliseconds far below 2^53
    let (delay, cap) = (retry.delay_ms as f64, retry.max_delay_ms as f64);
    let full = (delay * retry.factor.max(1.0).powi(exponent)).min(cap);
    // a NaN or infinite factor gives the cap
    let full = if full.is_finite() { full } else { cap };
    let full = full.clamp(0.0, MAX_DELAY_MS);
    #[allow(clippy::cast_precision_loss)] // the value has at most 53 bits
    let fraction = (mix(seed.wrapping_add(u64::from(failures))) >> 11) as f64 / (1u64 << 53) as f64;
    Duration::from_secs_f64((full * (0.5 + fraction / 2.0)) / 1000.0)
}

/// The finalizer of `SplitMix64`: similar seeds give unrelated numbers.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_up_to_the_cap_and_differ_between_runs() {
        let retry = Retry { max_attempts: 10, delay_ms: 100, factor: 2.0, max_delay_ms: 1000 };
        for (failures, full) in [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (9, 1000)] {
            for seed in 0..50 {
                let wait = backoff(&retry, failures, seed).as_micros();
                assert!(wait >= full * 500 && wait <= full * 1000, "{failures} {wait}");
            }
        }
        assert_ne!(backoff(&retry, 1, 1), backoff(&retry, 1, 2));
        assert_eq!(backoff(&retry, 1, 7), backoff(&retry, 1, 7));
    }

    #[test]
    fn an_extreme_factor_stays_below_the_cap() {
        let retry = |factor| Retry { max_attempts: 10, delay_ms: 1000, factor, max_delay_ms: u64::MAX };
        for factor in [f64::NAN, f64::INFINITY, 1e300, -4.0, 0.0] {
            assert!(backoff(&retry(factor), 9, 3) <= Duration::from_hours(1));
        }
    }
}
