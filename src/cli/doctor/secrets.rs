//! Checks whether the secret key decrypts what is sealed.
use crate::{
    Error, Result,
    data_dir::{Paths, read_key},
    execute,
    store::{Sealer, directory::databases::ExaminedRecords},
    variables,
};

/// Tries to decrypt every secret of the workspace.
///
/// # Errors
/// `Conflict` if one cannot be decrypted.
pub(super) fn check(records: ExaminedRecords<'_>, paths: &Paths, given: Option<&str>) -> Result<String> {
    let bytes = match given {
        Some(text) => Some(text.as_bytes().to_vec()),
        None => read_key(&paths.secret_key())?,
    };
    check_with(records, bytes.as_deref().map(Sealer::new).transpose()?.as_ref())
}

/// The same with this key, or without one.
pub(super) fn check_with(records: ExaminedRecords<'_>, sealer: Option<&Sealer>) -> Result<String> {
    let (mut all, mut closed) = (0_u64, 0_u64);
    let mut count = |is_sealed: bool, opens: &dyn Fn(&Sealer) -> bool| {
        all += u64::from(is_sealed);
        closed += u64::from(is_sealed && !sealer.is_some_and(opens));
    };
    records.each_datasource(|tenant, id, _, datasource| {
        let opens = |sealer: &Sealer| execute::secrets(sealer, tenant, id, &datasource).is_ok();
        count(datasource.sealed.is_some(), &opens);
    })?;
    records.each_variable(|tenant, id, _, variable| {
        count(variable.sealed.is_some(), &|sealer| variables::opens(sealer, tenant, id, &variable));
    })?;
    // without a key, none of them can be decrypted
    let other = Sealer::new(&Sealer::generate())?;
    let (webhooks, closed_webhooks) = records.webhooks(sealer.unwrap_or(&other))?;
    let (all, closed) = (all + webhooks, closed + closed_webhooks);
    if closed > 0 {
        return Err(Error::conflict(format!(
            "{closed} of {all} secrets cannot be decrypted with this key: put the right keys/secret.key back, or pass \
             the server's key with --secret-key"
        )));
    }
    Ok(format!("{all} can be decrypted"))
}
