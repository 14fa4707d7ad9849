//! Reading synthetic DBN files: what is delivered, what is refused, and with which words.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod choosing;
#[cfg(test)]
mod dbn_file;
#[cfg(test)]
mod definitions;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod held;
#[cfg(test)]
mod lake_files;
#[cfg(test)]
mod option_day;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod raw_day;
#[cfg(test)]
mod versions;
