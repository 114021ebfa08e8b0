//! The names that may be put right.

/// Pronunciations under headings; the first two headings are medicines.
const SUPPLEMENT: &str = include_str!("../../text/supplement.tsv");
const HEADINGS: [&str; 2] = ["# Generic medicines", "# Brands"];

/// Medicines that the general lexicon can pronounce, which is why the supplement lacks them.
const COMMON: &str = "acyclovir allopurinol alprazolam amitriptyline amphetamine ampicillin anastrozole aspirin atenolol atropine \
    bacitracin bupropion carbamazepine chlordiazepoxide chlorpromazine cholecalciferol cimetidine codeine colchicine \
    cortisone cyclophosphamide cyclosporine dexamethasone diazepam digoxin diphenhydramine doxycycline \
    ergocalciferol estradiol ethambutol fentanyl fluoxetine furosemide gentamicin glucosamine guaifenesin \
    hydrocortisone hydroquinone hydroxychloroquine ibuprofen imipramine indomethacin isoniazid ivermectin lactulose \
    levonorgestrel lidocaine lithium loperamide lorazepam melatonin methadone methotrexate methylphenidate \
    metoprolol metronidazole minoxidil morphine naloxone naltrexone naproxen neomycin nifedipine nitrofurantoin \
    nitroglycerin nystatin oxycodone phenobarbital phentermine phenytoin polymyxin probenecid progesterone \
    promethazine propranolol pseudoephedrine ranitidine rifampin sildenafil spironolactone sulfamethoxazole \
    sulfasalazine sumatriptan tamoxifen testosterone tetracycline timolol tobramycin tretinoin trimethoprim \
    valproate verapamil Adderall Antabuse Ativan Demerol Dilantin OxyContin Prozac Ritalin Tagamet Tylenol Valium \
    Ventolin Viagra Vicodin Xanax Zantac Zovirax";

/// Names of medicines as written within a sentence.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let mut wanted = false;
    let supplement = SUPPLEMENT.lines().filter_map(move |line| {
        if line.starts_with('#') {
            wanted = HEADINGS.contains(&line);
            return None;
        }
        line.split('\t').next().filter(|_| wanted)
    });
    supplement.chain(COMMON.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn medicines_are_there_and_ailments_are_not() {
        let names: Vec<_> = names().collect();
        for name in ["metformin", "Eliquis", "ibuprofen"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(
            !names.contains(&"diarrhea") && names.len() > 650,
            "{}",
            names.len()
        );
    }
}
