"""Documents and records: three topics, and texts of many scripts (only characters that Unicode has long had)."""
import numpy as np

TOPICS = (
    'The goal was scored late and the keeper could not reach the ball match team 2-1 win_lose league',
    'Prices rose 3.5% as the market closed higher; traders bought shares, bonds and oil bank rates U.S.',
    "Doctors say it's a new virus: patients should stay home, drink water and see nurses don't panic 19th",
)

FOREIGN = (
    'ΟΔΥΣΣΕΥΣ και ΣΟΦΟΣ άνθρωπος ΑΣ. Σ',  # final sigma depends on what stands beside it
    'İstanbul ISPARTA ışık DİYARBAKIR ığdır',  # İ becomes two code points
    'Straße GROẞ Äpfel öde ÜBER fußball Maß',
    '東京都に行きました。 東京 タワー 大阪',
    '我喜欢 机器学习 和 数据，非常 好！',
    '한국어 형태소 분석 서울',
    'Привет мир ЁЖ ёлка Москва',
    '\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0663\u0664\u0665',
    'हिन्दी भाषा में पाठ नमस्ते',  # vowel signs are no word characters
    'caf\u00e9 cafe\u0301 na\u00efve Ho\u0308he \u00c5ngstr\u00f6m \u212bngstrom fianc\u00e9e',  # composed and not
    '\ufb01ne e\ufb03cient \uff21\uff22\uff23 \u2167 x\u00b2 \u00bd \u2460\u2461 \u01c5ep',
    'emoji \U0001f600 \U0001f44d\U0001f3fd family \U0001f468\u200d\U0001f469\u200d\U0001f467 a\U0001f600b flag \U0001f1e9\U0001f1ea',
    'tabs\tand\nnew lines\r\nno\u00a0break \u2003em thin\u2009space zero\u200bwidth \u3000wide',
    "l'\u00e9t\u00e9 d\u2019hiver co-op e-mail x_y __init__ 1,000.50 \u0661\u0662\u0663 C++ a1b2",
    '',
    '   ',
    '. , ! ? - ...',
    'a b c d é ß',
    'repeat repeat REPEAT Repeat repeat',
    '\u0130\u0130 \u017f\u017fo \u1e9e \u0149 \u1f80\u1f88 \u2126 K\u212a \u00b5\u03bc',  # lower and case folding part
    '\U0001d400\U0001d401 \U00010400\U00010428 \U00020000\U00020001',  # beyond the first plane
)


def documents(kinds, foreign=False):
    """One text for each row; its topic is the row's group. With foreign, every third is of another script."""
    random = np.random.RandomState(17)
    made = []
    for row, kind in enumerate(kinds):
        own, other = TOPICS[kind].split(), TOPICS[(kind + 1) % 3].split()
        words = [own[i] for i in random.randint(0, len(own), 3 + row % 7)]
        words += [other[i] for i in random.randint(0, len(other), row % 3)]
        text = ' '.join(words)
        if foreign and row % 3 != 1:
            text = FOREIGN[row // 3 * 2 % len(FOREIGN) if row % 3 == 0 else (row // 3 * 2 + 1) % len(FOREIGN)] + ' ' * (row % 2) + (text if row % 4 == 0 else '')
        made.append(text)
    return made


def records(kinds):
    """Dicts for DictVectorizer: strings, numbers and truth values; some keys are rare."""
    random = np.random.RandomState(18)
    made = []
    for row, kind in enumerate(kinds):
        record = {'city': ['paris', 'rome', '東京'][kind], 'size': float(random.randint(0, 9)) / 2, 'new': bool(random.randint(0, 2))}
        if row % 4 == 0:
            record['count'] = int(random.randint(0, 5))
        if row % 11 == 10:
            record['odd key=%d' % (row % 3)] = 1.5
        if row % 7 == 6:
            del record['city']
        made.append(record)
    return made
