use bedside_conversation::io::FaultKind;

/// A random id in the form of a UUID, version 4. Fails only on a machine without randomness.
pub(crate) fn random_id() -> Result<String, FaultKind> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| FaultKind::Internal)?;
    let mut id = u128::from_be_bytes(bytes);
    // RFC 9562, section 5.4: four bits of version and two of variant.
    id = id & !(0xf << 76) | (4 << 76);
    id = id & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{id:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &hex[part]);
    Ok(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_version_and_variant_and_differs() {
        let (one, other) = (random_id().expect("an id"), random_id().expect("an id"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 36);
        assert_eq!(&one[14..15], "4");
        assert!(matches!(&one[19..20], "8" | "9" | "a" | "b"), "{one}");
    }
}
