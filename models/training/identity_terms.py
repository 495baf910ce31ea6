"""Words that name who somebody is, to count how often benign texts that hold them are flagged. Nothing trains on this list."""
import re

TERMS = {
    'Muslim, Islam': r'muslims?|islam(?:ic)?|musulm\w+|мусульман\w*|مسلم\w*|المسلمين|穆斯林',
    'Jewish, Jew': r'jew(?:s|ish)?|judíos?|juifs?|евре\w+|يهود\w*|犹太',
    'Christian': r'christians?|cristian\w+|chrétien\w*|христиан\w+|مسيح\w*|基督徒',
    'Hindu, Sikh, Buddhist': r'hindus?|sikhs?|buddhists?',
    'Allah, God': r'allah|الله|god',
    'Arab': r'arabs?|عرب\w*|العرب',
    'black': r'blacks?|african[- ]americans?',
    'white': r'whites?',
    'Asian, Chinese': r'asians?|chinese',
    'Latino, Mexican': r'latin[oa]s?|mexicans?|hispanics?',
    'immigrant, refugee': r'im?migrants?|migrants?|refugees?|inmigrantes?|réfugiés?|беженц\w+|لاجئ\w*|难民',
    'gay, lesbian, trans': r'gays?|lesbians?|trans(?:gender)?|queers?|lgbt\w*',
    'woman, women': r'wom[ae]n',
    'disabled': r'disabled|deaf|blind|autistic',
    'Palestinian, Israeli': r'palestin\w+|israel\w*|فلسطين\w*',
    'Kurd, Turk': r'kurd\w*|turks?|turkish',
    'Russian, Ukrainian': r'russians?|ukrainians?',
    'veteran, soldier': r'veterans?|soldiers?',
}
PATTERNS = {name: re.compile(rf'(?<!\w)(?:{pattern})(?!\w)', re.IGNORECASE) for name, pattern in TERMS.items()}


def mentioned(text: str) -> list[str]:
    """Names of the terms that a text holds."""
    return [name for name, pattern in PATTERNS.items() if pattern.search(text)]
