//! The columns of a grid: their names, their order, and what each reads from a bucket.

use crate::buckets::Bucket;
use crate::decay::count;

macro_rules! columns {
    ($($variant:ident $name:literal $doc:literal $read:expr;)*) => {
        /// A column of 64-bit floats. The rows' `k` and `last_event_id` are integers and stand
        /// beside these.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Column {
            $(#[doc = $doc] $variant,)*
        }

        impl Column {
            /// Every column, in the order in which grids are sent and stored.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Returns the column's place in [`ALL`](Self::ALL).
            #[inline]
            pub const fn index(self) -> usize {
                self as usize
            }

            /// Returns the column's name in messages and files.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the column's value in one bucket.
            #[inline]
            pub fn of(self, bucket: &Bucket) -> f64 {
                match self { $(Self::$variant => ($read)(bucket),)* }
            }
        }
    };
}

columns! {
    Pressure "pressure_variant" "Where liquidity builds." Bucket::pressure;
    Vacuum "vacuum_variant" "Where liquidity drains." Bucket::vacuum;
    Resistance "resistance_variant" "What stands in the way." Bucket::resistance;
    AddMass "add_mass" "Decayed size added." |b: &Bucket| b.add_mass;
    PullMass "pull_mass" "Decayed size pulled." |b: &Bucket| b.pull_mass;
    FillMass "fill_mass" "Decayed size filled." |b: &Bucket| b.fill_mass;
    RestDepth "rest_depth" "Size resting now." |b: &Bucket| count(b.rest_depth);
    VAdd "v_add" "Velocity of adds." |b: &Bucket| b.v_add;
    VPull "v_pull" "Velocity of pulls." |b: &Bucket| b.v_pull;
    VFill "v_fill" "Velocity of fills." |b: &Bucket| b.v_fill;
    VRestDepth "v_rest_depth" "Velocity of depth at rest." |b: &Bucket| b.v_rest_depth;
    AAdd "a_add" "Acceleration of adds." |b: &Bucket| b.a_add;
    APull "a_pull" "Acceleration of pulls." |b: &Bucket| b.a_pull;
    AFill "a_fill" "Acceleration of fills." |b: &Bucket| b.a_fill;
    ARestDepth "a_rest_depth" "Acceleration of depth at rest." |b: &Bucket| b.a_rest_depth;
    JAdd "j_add" "Jerk of adds." |b: &Bucket| b.j_add;
    JPull "j_pull" "Jerk of pulls." |b: &Bucket| b.j_pull;
    JFill "j_fill" "Jerk of fills." |b: &Bucket| b.j_fill;
    JRestDepth "j_rest_depth" "Jerk of depth at rest." |b: &Bucket| b.j_rest_depth;
}
