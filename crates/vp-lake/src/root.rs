//! The root of the lake, and the folders right below it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use vp_market::ProductType;

use crate::raw::{LayoutError, RawFolder, names_in};

/// The environment variable that names the lake's root. Only apps read it.
pub const LAKE_VARIABLE: &str = "SPYMASTER_LAKE";

/// A lake, by its root folder. The folder need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lake {
    root: PathBuf,
}

impl Lake {
    /// Returns the lake with that root.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the lake that the `--lake` flag names, else the variable [`LAKE_VARIABLE`], else
    /// `lake/` beside where the program runs. An empty variable counts as none.
    ///
    /// # Examples
    /// ```
    /// use vp_lake::Lake;
    ///
    /// assert_eq!(Lake::resolve(None, Some("/data".into())), Lake::new("/data"));
    /// ```
    pub fn resolve(flag: Option<PathBuf>, variable: Option<OsString>) -> Self {
        let variable = variable.filter(|value| !value.is_empty());
        Self::new(
            flag.or(variable.map(PathBuf::from))
                .unwrap_or_else(|| "lake".into()),
        )
    }

    /// Checks that the lake's root is there and can be listed.
    ///
    /// # Errors
    /// [`LayoutError`] if not.
    pub fn check(&self) -> Result<(), LayoutError> {
        let listed = self.root.read_dir().and_then(|mut entries| {
            // The first entry is read from the disk.
            entries.next().transpose()
        });
        listed.map(|_| ()).map_err(|source| LayoutError {
            path: self.root.clone(),
            source,
        })
    }

    /// Returns the root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder of a symbol's raw market-by-order files, whether or not it exists.
    pub fn raw_mbo(&self, product_type: ProductType, symbol: &str) -> RawFolder {
        RawFolder::new(
            self.raw_product_type(product_type)
                .join(format!("symbol={symbol}"))
                .join("table=market_by_order_dbn"),
        )
    }

    /// Returns the folder that a session's raw files are read from: the symbol's own if it exists,
    /// else its root's (MNQH6, else MNQ). For an equity both are the ticker.
    pub fn session_mbo(&self, product_type: ProductType, symbol: &str, root: &str) -> RawFolder {
        let own = self.raw_mbo(product_type, symbol);
        if own.exists() {
            return own;
        }
        self.raw_mbo(product_type, root)
    }

    /// Returns the file that a root's or ticker's calibration is in, whether or not it exists.
    pub fn physics_parameters(&self, root: &str) -> PathBuf {
        self.root
            .join("params/physics_beta_gamma")
            .join(format!("{root}.json"))
    }

    /// Returns the symbols that have a raw folder, in name order; none where the product type has
    /// no folder.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn raw_symbols(&self, product_type: ProductType) -> Result<Vec<String>, LayoutError> {
        let names = names_in(&self.raw_product_type(product_type))?;
        let symbols = names.iter().filter_map(|name| name.strip_prefix("symbol="));
        Ok(symbols.map(str::to_owned).collect())
    }

    /// Returns the file that tracks the orders of a market: `futures` or `equities`.
    pub fn jobs(&self, market: &str) -> PathBuf {
        self.jobs_folder().join(format!("{market}.json"))
    }

    /// Returns the folder of what is known of orders.
    pub fn jobs_folder(&self) -> PathBuf {
        self.root.join("params/jobs")
    }

    fn raw_product_type(&self, product_type: ProductType) -> PathBuf {
        self.root
            .join("raw/source=databento")
            .join(format!("product_type={product_type}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_the_variable_and_the_variable_over_the_default() {
        let resolve = |flag: Option<&str>, variable: Option<&str>| {
            Lake::resolve(flag.map(PathBuf::from), variable.map(OsString::from))
        };
        assert_eq!(resolve(Some("a"), Some("b")), Lake::new("a"));
        assert_eq!(resolve(None, Some("b")), Lake::new("b"));
        assert_eq!(resolve(None, Some("")), Lake::new("lake"));
        assert_eq!(resolve(None, None), Lake::new("lake"));
    }

    #[test]
    fn raw_files_lie_by_source_product_type_symbol_and_table() {
        let folder = Lake::new("lake").raw_mbo(ProductType::FutureMbo, "ES");
        assert_eq!(
            folder.path(),
            Path::new(
                "lake/raw/source=databento/product_type=future_mbo/symbol=ES/table=market_by_order_dbn"
            )
        );
    }

    #[test]
    fn a_contract_has_its_own_folder_or_its_roots() {
        let directory = tempfile::tempdir().unwrap();
        let lake = Lake::new(directory.path());
        let future = ProductType::FutureMbo;
        let folder = || lake.session_mbo(future, "MNQH6", "MNQ");
        assert_eq!(folder(), lake.raw_mbo(future, "MNQ"));
        std::fs::create_dir_all(lake.raw_mbo(future, "MNQ").path()).unwrap();
        assert_eq!(folder(), lake.raw_mbo(future, "MNQ"));
        std::fs::create_dir_all(lake.raw_mbo(future, "MNQH6").path()).unwrap();
        assert_eq!(folder(), lake.raw_mbo(future, "MNQH6"));
        assert_eq!(lake.raw_symbols(future).unwrap(), ["MNQ", "MNQH6"]);
    }

    #[test]
    fn a_lake_that_is_not_there_has_no_symbols() {
        let lake = Lake::new("no such folder");
        assert!(lake.check().is_err());
        assert!(Lake::new(std::env::temp_dir()).check().is_ok());
        assert!(lake.raw_symbols(ProductType::EquityMbo).unwrap().is_empty());
    }
}
