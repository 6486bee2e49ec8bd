"""Numbers of trials as people and partners write them, the registry of each, and texts that only look like one."""

from collections.abc import Iterator

CTGOV, CTIS, EUCTR, NTR = "ctgov", "ctis", "euctr", "ntr"

NUMBERS = {
    CTGOV: "NCT00000102 NCT01234567 NCT07000001 NCT90000001 NCT11111112",
    CTIS: "2024-510663-34-00 2022-501883-17-00 2023-503200-91-02 2022-500244-37-01",
    EUCTR: "EUCTR2005-000134-20 EUCTR2007-002319-16 EUCTR2022-003053-66 EUCTR2004-000001-98",
    "isrctn": "ISRCTN00393859 ISRCTN12345678 ISRCTN15375673",
    "jrct": "jRCTs031190227 jRCTc050190065 jRCTa040190001 jRCT2031190264 jRCT1030210047 jRCT2080224823",
    "umin-ctr": "UMIN000039686 UMIN000000001 C000000079 C000000412 R000045268",
    "japic-cti": "JapicCTI-205238 JapicCTI-050001 JapicCTI-60123",
    "jmacct": "JMA-IIA00001 JMA-IIA00412",
    "chictr": "ChiCTR1800014691 ChiCTR2000029804 ChiCTR-TRC-12001988 ChiCTR-ONRC-10000837 ChiCTR-OC-15006448",
    "itmctr": "ITMCTR2023000012 ITMCTR2000003456",
    "ctri": "CTRI/2009/091/000058 CTRI/2017/04/008351 CTRI/2020/05/025013",
    "anzctr": "ACTRN12609000263291 ACTRN12611000088943 ACTRN12605000781640 ACTRN12607000091404",
    "drks": "DRKS00000003 DRKS00021229",
    "rebec": "RBR-3vmkt2 RBR-74547s2 RBR-6864tj RBR-10hxkvq",
    "pactr": "PACTR201412000959159 PACTR202004801273802",
    "cris": "KCT0000001 KCT0004888",
    "irct": "IRCT20080901001157N16 IRCT138708271460N1 IRCT2015122725732N1",
    "tctr": "TCTR20161101004 TCTR20200404003",
    "slctr": "SLCTR/2009/009 SLCTR/2020/013",
    "lbctr": "LBCTR2020043459 LBCTR2019010202",
    "rpcec": "RPCEC00000306 RPCEC00000012",
    "repec": "PER-010-20 PER-122-11",
    NTR: "NTR5191 NTR1 NL9082 NL8 NL12345",
    "omon": "NL-OMON20002 NL-OMON4567 NL-OMON123456",
    "hkctr": "HKCTR-2040 HKCTR-118",
    "snctp": "SNCTP000001674 SNCTP000000003",
    "who": "U1111-1121-8947 U1111-1277-3764 U1111-1111-1111",
}
"""As the registries themselves write them."""
JAPANESE = ("jrct", "umin-ctr", "japic-cti", "jmacct")

LABELLED = {
    CTGOV: ("ClinicalTrials.gov Identifier: {}", "ClinicalTrials.gov ID {}", "CT.gov: {}", "clinicaltrials.gov/{}"),
    CTIS: ("CTIS{}", "EUCT {}", "CTIS (EU): {}", "EU CT Number: {}", "EU trial number {}", "CTIS-{}"),
    EUCTR: ("EU Clinical Trials Register: {}", "EUCTR number {}"),
    "isrctn": ("ISRCTN: {}", "ISRCTN registry {}", "ISRCTN.org number - {}"),
    "jrct": ("jRCT ID: {}", "jRCT番号：{}", "臨床研究実施計画番号　{}", "Japan Registry of Clinical Trials: {}"),
    "umin-ctr": ("UMIN-CTR: {}", "UMIN ID {}", "UMIN試験ID:{}", "UMIN Clinical Trials Registry {}"),
    "japic-cti": ("Japic ID {}", "Japan Pharmaceutical Information Center: {}"),
    "jmacct": ("JMACCT {}",),
    "chictr": ("Chinese Clinical Trial Registry: {}", "ChiCTR no. {}"),
    "anzctr": ("ANZCTR: {}", "Australian New Zealand Clinical Trials Registry {}"),
    "drks": ("DRKS-ID: {}", "German Clinical Trials Register ID: {}"),
    "cris": ("CRIS Registration Number: {}", "CRIS, {}"),
    NTR: ("Dutch Trial Register: {}", "NTR: {}", "Netherlands Trial Register (NTR): {}"),
    "who": ("UTN {}", "UTN: {}", "WHO Universal Trial Number: {}", "Universal Trial Number (UTN): {}"),
}
"""What people put before a number of one registry; of any: `ANY_LABEL`."""
ANY_LABEL = ("Trial registration: {}", "Registration number {}", "ID={}", "Clinical trial ID : {}", "登録番号：{}")

OTHERWISE = [
    ("NCT 0123 4567", CTGOV, "NCT01234567", None),
    ("NCT-01234567", CTGOV, "NCT01234567", None),
    ("NCT0123 4567", CTGOV, "NCT01234567", None),
    ("NCT 01 23 45 67", CTGOV, "NCT01234567", None),
    ("N\u200bCT01234567\ufeff", CTGOV, "NCT01234567", None),
    ("NCT\u00a001234567", CTGOV, "NCT01234567", None),
    ("NCT0123\n4567", CTGOV, "NCT01234567", None),
    ("2024 - 510663 - 34 - 00", CTIS, "2024-510663-34-00", None),
    ("2024\u2013510663\u201334\u201300", CTIS, "2024-510663-34-00", None),
    ("EUCT number: 2024-516402-32-00", CTIS, "2024-516402-32-00", None),
    ("2005-000134-20", EUCTR, "EUCTR2005-000134-20", None),
    ("1999-000134-20", EUCTR, "EUCTR1999-000134-20", None),
    ("EudraCT number 2005-000134-20", EUCTR, "EUCTR2005-000134-20", None),
    ("EudraCT: 2005-000134-20", EUCTR, "EUCTR2005-000134-20", None),
    ("EudraCT2005-000134-20", EUCTR, "EUCTR2005-000134-20", None),
    ("EUDRACT No. 2005\u2011000134\u201120", EUCTR, "EUCTR2005-000134-20", None),
    ("EUCTR 2005-000134-20", EUCTR, "EUCTR2005-000134-20", None),
    ("EUCTR-2005-000134-20", EUCTR, "EUCTR2005-000134-20", None),
    ("EUCTR: 2005-000134-20-GB", EUCTR, "EUCTR2005-000134-20", "GB"),
    ("EUCTR2007-002319-16-FR", EUCTR, "EUCTR2007-002319-16", "FR"),
    ("EUCTR2007-002319-16 - FR", EUCTR, "EUCTR2007-002319-16", "FR"),
    ("euctr2007-002319-16-fr", EUCTR, "EUCTR2007-002319-16", "FR"),
    ("EUCTR2007-002319-16-3rd", EUCTR, "EUCTR2007-002319-16", "3rd"),
    ("EUCTR2007-002319-16-3RD", EUCTR, "EUCTR2007-002319-16", "3rd"),
    ("EUCTR2007-002319-16-Outside-EU/EEA", EUCTR, "EUCTR2007-002319-16", "Outside-EU/EEA"),
    ("EUCTR2007-002319-16-outside-eu / eea", EUCTR, "EUCTR2007-002319-16", "Outside-EU/EEA"),
    ("2007-002319-16-DE", EUCTR, "EUCTR2007-002319-16", "DE"),
    ("ISRCTN 1234 5678", "isrctn", "ISRCTN12345678", None),
    ("ISRCTN-12345678", "isrctn", "ISRCTN12345678", None),
    ("jRCTS031190227", "jrct", "jRCTs031190227", None),
    ("JRCTs 031190227", "jrct", "jRCTs031190227", None),
    ("jRCT s031190227", "jrct", "jRCTs031190227", None),
    ("jRCT-s-031190227", "jrct", "jRCTs031190227", None),
    ("ｊＲＣＴｓ０３１１９０２２７", "jrct", "jRCTs031190227", None),
    ("ＪＰＲＮ－ｊＲＣＴ２０３１１９０２６４", "jrct", "jRCT2031190264", None),
    ("JPRN－jRCTs031190227", "jrct", "jRCTs031190227", None),
    ("jRCT 2031190264", "jrct", "jRCT2031190264", None),
    ("UMIN-CTR 000039686", "umin-ctr", "UMIN000039686", None),
    ("UMIN 000039686", "umin-ctr", "UMIN000039686", None),
    ("UMIN-CTR ID UMIN000039686", "umin-ctr", "UMIN000039686", None),
    ("ＵＭＩＮ\u3000０００ ０３９ ６８６", "umin-ctr", "UMIN000039686", None),
    ("JPRN-C000000079", "umin-ctr", "C000000079", None),
    ("JapicCTI205238", "japic-cti", "JapicCTI-205238", None),
    ("Japic CTI 205238", "japic-cti", "JapicCTI-205238", None),
    ("JapicCTI‐205238", "japic-cti", "JapicCTI-205238", None),
    ("JAPICCTIー205238", "japic-cti", "JapicCTI-205238", None),
    ("JPRN-JapicCTI205238", "japic-cti", "JapicCTI-205238", None),
    ("JMA IIA 00001", "jmacct", "JMA-IIA00001", None),
    ("JMAIIA00001", "jmacct", "JMA-IIA00001", None),
    ("JMA-IIA-00001", "jmacct", "JMA-IIA00001", None),
    ("chictr-trc-12001988", "chictr", "ChiCTR-TRC-12001988", None),
    ("ChiCTRTRC12001988", "chictr", "ChiCTR-TRC-12001988", None),
    ("ChiCTR-TRC12001988", "chictr", "ChiCTR-TRC-12001988", None),
    ("CHICTR TRC 12001988", "chictr", "ChiCTR-TRC-12001988", None),
    ("ChiCTR-1800014691", "chictr", "ChiCTR1800014691", None),
    ("chictr 1800014691", "chictr", "ChiCTR1800014691", None),
    ("CTRI 2009/091/000058", "ctri", "CTRI/2009/091/000058", None),
    ("CTRI/2009 / 091 / 000058", "ctri", "CTRI/2009/091/000058", None),
    ("CTRI-2009-091-000058", "ctri", "CTRI/2009/091/000058", None),
    ("ＣＴＲＩ／２００９／０９１／００００５８", "ctri", "CTRI/2009/091/000058", None),
    ("ACTRN12609000263291p", "anzctr", "ACTRN12609000263291", None),
    ("ACTRN12609000263291 a", "anzctr", "ACTRN12609000263291", None),
    ("ACTRN 12609 000 263 291", "anzctr", "ACTRN12609000263291", None),
    ("ACTRN012605000781640", "anzctr", "ACTRN12605000781640", None),
    ("RBR-3VMKT2", "rebec", "RBR-3vmkt2", None),
    ("RBR 3vmkt2", "rebec", "RBR-3vmkt2", None),
    ("RBR3vmkt2", "rebec", "RBR-3vmkt2", None),
    ("DRKS 0000 0003", "drks", "DRKS00000003", None),
    ("KCT 0000001", "cris", "KCT0000001", None),
    ("IRCT20080901001157n16", "irct", "IRCT20080901001157N16", None),
    ("IRCT20080901001157 N16", "irct", "IRCT20080901001157N16", None),
    ("SLCTR 2009/009", "slctr", "SLCTR/2009/009", None),
    ("SLCTR-2009-009", "slctr", "SLCTR/2009/009", None),
    ("NTR 5191", NTR, "NTR5191", None),
    ("Trial NL9082", NTR, "NL9082", None),
    ("NTR-5191", NTR, "NTR5191", None),
    ("NL-9082", NTR, "NL9082", None),
    ("NL OMON 20002", "omon", "NL-OMON20002", None),
    ("HKCTR2040", "hkctr", "HKCTR-2040", None),
    ("U1111 1121 8947", "who", "U1111-1121-8947", None),
    ("U111111218947", "who", "U1111-1121-8947", None),
    ("UTN-U1111-1121-8947", "who", "U1111-1121-8947", None),
    ("Ｕ１１１１－１１２１－８９４７", "who", "U1111-1121-8947", None),
    ("WHO U1111\u20121121\u22128947", "who", "U1111-1121-8947", None),
]  # fmt: skip
"""Ways of writing, of real texts and of our own making: text, registry, number, country."""

NOBODYS = [
    # Nothing, placeholders and what looks like them.
    "", " ", "-", "NCT", "N/A", "NULL", "none", "pending", "not applicable", "0", "00000000", "12345678", "NCT00000000",
    "NCT11111111", "NCT12345678", "NCT87654321", "NCT99999999", "nct 1234 5678", "ＮＣＴ００００００００",
    "ClinicalTrials.gov: NCT12345678", "ISRCTN00000000", "ISRCTN 0000 0000", "UMIN000000000", "jRCT0000000000",
    "jRCTs000000000", "ACTRN00000000000000", "DRKS00000000", "KCT0000000", "U1111-0000-0000", "RPCEC00000000", "NTR0",
    "NL0", "NL00000", "RBR-000000", "PACTR000000000000000", "CTRI/0000/00/000000", "NCTXXXXXXXX", "NCT0XXXXXXX",
    # A digit too few or too many, or another letter for a digit.
    "NCT0123456", "NCT1", "NCT012345678", "NCT001234567", "NCT0123456O", "NCT0l234567", "NCTO1234567", "NCT01234567a",
    "NCT01234567-1", "ISRCTN0039385", "ISRCTN003938590", "UMIN00003968", "UMIN0000396866", "UMIN39686", "C00000079",
    "R00004526", "R0000452688", "JapicCTI-2052", "JapicCTI-2052388", "JMA-IIA0001", "JMA-IIA000011", "JMA-IIB00001",
    "ChiCTR180001469", "ChiCTR18000146911", "ChiCTR-TRC-1200198", "ChiCTR-TRC-120019888", "ChiCTR-12001988",
    "ChiCTR-T-12001988", "ChiCTR-TRCXX-12001988", "ITMCTR202300001", "CTRI/2009/091/00058", "CTRI/2009/0911/000058",
    "CTRI/2009/9/000058", "CTRI/09/091/000058", "CTRI2009091000058", "DRKS0000003", "DRKS000000033", "RBR-3vmk",
    "RBR-3vmkt2xy", "RBR-3vm_t2", "RBR-studies", "PACTR20141200095915", "PACTR2014120009591591", "KCT000001",
    "KCT00000011", "IRCT20080901001157", "IRCT20080901001157N", "IRCT2008090N1", "IRCT200809010011571N16",
    "TCTR2016110100", "TCTR201611010044", "SLCTR/2009/09", "SLCTR/2009/0099", "SLCTR/09/009", "LBCTR202004345",
    "LBCTR20200434599", "RPCEC0000306", "RPCEC000003066", "PER-10-20", "PER-010-2020", "PER-0100-20", "NTR519100",
    "NL123456", "NL-OMON123", "NL-OMON1234567", "HKCTR-20", "HKCTR-20401", "SNCTP00000167", "SNCTP0000016744",
    "U1111-1121-894", "U1111-1121-89477", "U1112-1121-8947", "U1111-11218-947x", "1111-1121-8947", "U1111_1121_8947",
    # Check digits.
    "ACTRN12624000123456", "ACTRN12609000263292", "ACTRN12609000263191", "ACTRN12609000262391", "ACTRN21609000263291",
    "ACTRN1260900026329", "ACTRN126090002632911", "ACTRN12609000263291x", "ACTRN12609000263281p",
    # The letter of a jRCT number lost, or a digit more beside it.
    "jRCT031190227", "jRCTs0311902270", "jRCTs03119022", "jRCT203119026", "jRCT20311902641", "jRCTss031190227",
    "jRCT1s031190227", "jRCT*031190227", "JPRN-jRCT031190227", "ｊＲＣＴ０３１１９０２２７", "jRCT[s]031190227",
    # The European numbers: which block begins with what.
    "2024-010663-34-00", "2024-610663-34-00", "2024-410663-34-00", "CTIS2024-016402-32-00", "2022-501515-14",
    "EUCTR2022-501515-14", "EUCTR2024-510663-34-00", "2005-100134-20", "1899-000134-20", "2105-000134-20",
    "2005-000134-2", "2005-000134-200", "2005-00134-20", "05-000134-20", "2005-000134", "20050001342 0", "200500013420",
    "2005/000134/20", "2005-000134-20-", "2005-000134-20-F", "2005-000134-20-FRAN", "2005-000134-20-12",
    "EUCTR2005-000134-20-4th", "2016-A02074-47", "2024-A00356-41", "EudraCT", "CTIS", "2024-510663-34-0",
    "2024-510663-34-000", "1924-510663-34-00",
    # More than one number, or more than a number.
    "NCT01234567 NCT01234568", "NCT01234567, NCT01234568", "NCT01234567/NCT01234568", "NCT01234567;ISRCTN12345678",
    "NCT01234567NCT01234568", "jRCTs031190227 / UMIN000039686", "EudraCT 2005-000134-20 and NCT01234567",
    "NCT01234567 (withdrawn)", "NCT01234567 v2", "see NCT01234567", "not NCT01234567", "ABC NCT01234567",
    "ABC-NCT01234567", "XNCT01234567", "1NCT01234567", "IDNCT01234567", "extension of NCT01234567", "NCT01234567²",
    "NCT0123456②", "NCT 0123456¹", "U1111-1121-8947-01", "EUCTR2007-002319-16-FR-DE", "UMIN000039686-1",
    # Labels that say another registry, or JPRN before what is not Japanese.
    "ISRCTN: NCT01234567", "ClinicalTrials.gov: ISRCTN12345678", "JPRN-NCT01234567", "JPRN-ChiCTR1800014691", "JPRN-",
    "UMIN: jRCTs031190227", "jRCT: UMIN000039686", "UTN: NCT01234567", "WHO: NCT01234567", "JPRN-JPRN", "JPRN",
    "NTR: DRKS00000003", "EudraCT 2024-510663-34-00", "EUCT 2005-000134-20", "NCT: ISRCTN00393859",
    "ISRCTN: 12345678", "UTN 1111-1121-8947", "UMIN試験: jRCTs031190227",
    # Numbers of sponsors, grants, committees and others.
    "J2A-MC-GZGP", "ST-BNCT2001", "2022-2849", "2024-Oui-002", "2022-09-029", "1200.230", "2016/2499", "20-01023",
    "22.04601.000170", "ESR-15-11406", "R01CA285331", "1R41MH134704-01", "R21AG075544", "R123456789", "C123456789",
    "NCI-2022-10010", "N11ORL", "CTR20231827", "RG1123270", "213/2011", "0253.0.180.000-08", "CAAE 0136.258.000-07",
    "350/2010-SVAPEPE-CEP", "NL12345.018.06", "NL-12345-018", "PER-ABC-20", "UMIN-A", "UMIN", "jrct", "irct",
    "CRB3180012", "NCT Foundation 2020", "D-9421-C0001", "BAY 59-7939/16244", "TRC-12001988", "KCT-A-0001",
    "IND 123456", "IRB00001234", "DRK00000003", "NCTN01234567", "pactr", "10.1186/ISRCTN15375673x", "CTG0000123",
    "JP-1", "JTR20260000013", "ABC-001", "NIH-NCT-0001", "NTR-X5191", "NLT9082", "2020-12-31", "2011-2012-2013-2014",
    "٠١٢٣٤٥٦٧", "NCT٠١٢٣٤٥٦٧", "NCTº1234567",
]  # fmt: skip
"""Placeholders, slips, two at once, and numbers of others that look alike."""


def wide(text: str) -> str:
    """In full-width letters, digits and marks, as a Japanese keyboard gives them."""
    return "".join(
        chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else "\u3000" if mark == " " else mark for mark in text
    )


def spellings() -> Iterator[tuple[str, str, str, str | None]]:
    """Each number plainly and, by turns, in other ways of writing: text, registry, number, country."""
    for registry, numbers in NUMBERS.items():
        labels = LABELLED.get(registry, ())
        for turn, number in enumerate(numbers.split()):
            texts = [number, f"  {number}\t", wide(number), number.upper(), number.lower(), f"{number}\u3000"]
            texts += [label.format(number) for label in (ANY_LABEL[turn % len(ANY_LABEL)], *labels)]
            if registry in JAPANESE:
                prefixes = ("JPRN-", "JPRN", "JPRN ", "jprn-", "ＪＰＲＮ－", "JPRN: ")
                texts += [prefix + number for prefix in prefixes]
            yield from ((text, registry, number, None) for text in texts)
    yield from OTHERWISE
