"""Words for codes, marked for translation. Templates look them up with `say(table, code)`.

An unknown code is printed as it is: better a code than a silent gap.
"""


def N_(text: str) -> str:  # noqa: N802 - the name that translators' tools know
    """The text itself; marks it for extraction."""
    return text


GROUP = {
    "avoid": N_("Avoid: choose another drug"),
    "change": N_("Change dose or watch more closely"),
    "usual": N_("Usual dose: no change for these genes"),
    "no-answer": N_("No answer: do not read as normal"),
}

STATE = {
    "avoid": N_("Avoid"),
    "change": N_("Change"),
    "watch": N_("Watch"),
    "usual": N_("Usual"),
    "refer": N_("Refer"),
    "no-answer": N_("No answer"),
}

# Medicines that are taken, in the two states that need no card.
ANSWERED = {
    "usual": N_("Usual dose"),
    "no-answer": N_("No answer, not normal"),
}

ACTION = {
    "avoid": N_("Avoid"),
    "use-alternative": N_("Use another drug"),
    "reduce-dose": N_("Lower the dose"),
    "increase-dose": N_("Raise the dose"),
    "monitor": N_("Watch more closely"),
    "standard": N_("Usual dose"),
    "no-recommendation": N_("Guideline gives no recommendation"),
    "no-guideline": N_("No guideline for this medicine"),
    "not-called": N_("Gene not called"),
    "not-answered": N_("These findings hold no statement on this medicine"),
}

# The names that CPIC's own tables give to groups of patients.
POPULATION = {
    "general": N_("everyone"),
    "any": N_("everyone"),
    "n/a": N_("everyone"),
    "adults": N_("adults"),
    "pediatrics": N_("children"),
    "child >40kg_adult": N_("adults, and children above 40 kg"),
    "CVI ACS PCI": N_("acute coronary syndrome or coronary intervention (ACS, PCI)"),
    "CVI non-ACS non-PCI": N_("other cardiovascular indications (not ACS, not PCI)"),
    "NVI": N_("neurovascular indications, such as stroke"),
    "CBZ naive": N_("has not taken carbamazepine before"),
    "CBZ use >3mos": N_("has taken carbamazepine for more than 3 months"),
    "CBZ-no alternatives": N_("no alternative to carbamazepine"),
    "OXC naive": N_("has not taken oxcarbazepine before"),
    "OXC use >3 mos": N_("has taken oxcarbazepine for more than 3 months"),
    "PHT naive": N_("has not taken phenytoin before"),
    "PHT use >3mos": N_("has taken phenytoin for more than 3 months"),
}

CALL = {
    "called": N_("Called"),
    "ambiguous": N_("More than one answer fits"),
    "no_call": N_("No answer: could not be called"),
    "not_covered": N_("No answer: not read"),
    "outside_call": N_("Reported by another test"),
}

RESERVATION = {
    "several": N_("more than one pair of alleles fits; none was picked"),
    "undocumented": N_("a variant that no named allele has, of unknown effect, was found"),
    "unpaired": N_("the variants found could not be assigned to strands"),
}

GENE_GROUP = {
    "result": N_("Results that can matter for medicines"),
    "no-answer": N_("No answer: do not read as normal"),
    "normal": N_("Normal results, or none of the variants looked for"),
}

SITE = {
    "called": N_("read"),
    "reference-block": N_("read as reference in a block"),
    "assumed-reference": N_("assumed to be reference"),
    "missing": N_("not in the file"),
    "no-call": N_("no call"),
    "filtered": N_("did not pass its filters"),
    "discarded": N_("could not be used"),
    "contradictory": N_("contradicts the stated sex"),
}

ZYGOSITY = {
    "heterozygous": N_("heterozygous"),
    "homozygous": N_("homozygous"),
    "hemizygous": N_("hemizygous"),
    "heteroplasmic": N_("heteroplasmic"),
    "homoplasmic": N_("homoplasmic"),
    "unknown": N_("zygosity not known"),
}

CLASS = {
    "Benign": N_("Benign"),
    "Likely benign": N_("Likely benign"),
    "Uncertain significance": N_("Uncertain"),
    "Likely pathogenic": N_("Likely pathogenic"),
    "Pathogenic": N_("Pathogenic"),
}

# The abbreviations of the same five classes, where there is no room for words.
CLASS_CODE = {
    "Benign": N_("B"),
    "Likely benign": N_("LB"),
    "Uncertain significance": N_("VUS"),
    "Likely pathogenic": N_("LP"),
    "Pathogenic": N_("P"),
}

STATEMENT = {
    "positive": N_("Explains or predicts disease"),
    "possible-compound-heterozygote": N_("Possible compound heterozygote: phase not known"),
    "carrier": N_("Carrier of a recessive disease"),
    "secondary-finding": N_("Secondary finding"),
    "uncertain": N_("Uncertain"),
    "negative": N_("Nothing reportable found"),
    "not-assessed": N_("Not read"),
}

ORIGIN = {
    "father": N_("from the father"),
    "mother": N_("from the mother"),
    "both": N_("both parents carry it"),
    "de-novo": N_("in neither parent"),
    "unknown": N_("from which parent is not known"),
}

VERDICT = {
    "met": N_("Met"),
    "not met": N_("Not met"),
    "not assessed": N_("Not assessed"),
    "not stated": N_("No verdict given"),
}

OUTCOME = {
    "OBSERVED": N_("Seen"),
    "CALLED_ABSENT": N_("Answered, not seen"),
    "NOT_LISTED": N_("Answered, not listed: not proof of absence"),
    "NOT_COVERED": N_("Position not read there"),
    "SUPPRESSED": N_("Answered, count withheld"),
    "FAILED": N_("Did not answer"),
    "NOT_ASKED": N_("Not asked"),
}

OUTCOME_SHORT = {
    "OBSERVED": N_("seen"),
    "CALLED_ABSENT": N_("not seen"),
    "NOT_LISTED": N_("not listed"),
    "NOT_COVERED": N_("not read there"),
    "SUPPRESSED": N_("count withheld"),
    "FAILED": N_("no answer"),
    "NOT_ASKED": N_("not asked"),
}

SOURCE_OUTCOME = {
    "answered": N_("answered"),
    "partial": N_("answered in part"),
    "failed": N_("did not answer"),
    "not asked": N_("not asked"),
}

CONSENT = {
    "yes": N_("Secondary findings: consent given"),
    "no": N_("Secondary findings: consent not given"),
    "unknown": N_("Secondary findings: consent not stated"),
}

SEX = {
    "female": N_("female"),
    "male": N_("male"),
    "other": N_("other"),
    "unknown": N_("not known"),
}

SEVERITY = {
    "fatal": N_("Fatal"),
    "error": N_("Error"),
    "warning": N_("Warning"),
    "information": N_("Note"),
}

RELEASE = {
    "preliminary": N_("Preliminary"),
    "final": N_("Final"),
    "amended": N_("Amended"),
}

DEPLOYMENT = {
    "research": N_("Research use: not for clinical decisions"),
    "in-house": N_("In-house device, IVDR article 5(5)"),
    "ce": N_("CE-marked device"),
}

DEPLOYMENT_LONG = {
    "research": N_(
        "Intended use: research. This installation is not a medical device in use for care; nothing here may "
        "be the basis of a decision about a patient."
    ),
    "in-house": N_(
        "Intended use: decision support for qualified health professionals within the health institution "
        "that runs it, under article 5(5) of Regulation (EU) 2017/746. It does not replace clinical "
        "judgement."
    ),
    "ce": N_(
        "Intended use: decision support for qualified health professionals, as in the instructions for use "
        "of the CE-marked device. It does not replace clinical judgement."
    ),
}
