"""The words of splits: train, val and test in several languages, glued and misspelt. The one list of them."""

from functools import lru_cache

from chestbench.catalog.folders.words.words import respelt, word_set, words_of

TRAIN, VAL, TEST = range(3)
SPLIT_WORDS = {
    **dict.fromkeys(word_set("train trains training trained trn learn learning fit fitting derivation discovery "
                            "estimation "
                            "trainval trainvalid traindev valtrain entrenamiento entreno entrainement apprentissage "
                            "treino treinamento trainieren addestramento allenamento trening treningowy treningowa "
                            "opleiding oefenen koulutus harjoitus traening opplaering egitim latih pelatihan huanluyen "
                            "lern lernen modelbuilding "
                            "ucenje obuka obucavanje trenink trenovaci antrenare antrenament tanito tanulo "
                            "εκπαιδευση אימון آموزش ฝึก "
                            "обучение обучающая обучающий тренировка тренировочная навчання تدريب التدريب "
                            "प्रशिक्षण 훈련 학습 訓練 训练 訓練集 训练集 学習"), TRAIN),
    **dict.fromkeys(word_set("val vals vali valid validation validations validate validating vld dev devel development "
                            "entwicklung entwicklungs tune tuning validacion validacao validierung convalida "
                            "validazione walidacja walidacyjny walidacyjna validatie validering validointi dogrulama "
                            "validacija validace validare validalas επικυρωση اعتبارسنجی "
                            "validasi xacthuc thamdinh kiemdinh валидация валидационная валидационный проверка "
                            "валідація تحقق التحقق सत्यापन 검증 验证 驗證 验证集 検証"), VAL),
    **dict.fromkeys(word_set("test tests testing tst eval evaluation evaluate holdout heldout unseen prueba pruebas "
                            "teste prova uji pengujian testowy testowa essai essais collaudo evaluacion avaliacao "
                            "pruf prufen prufung modeltesting replication "
                            "pruef testiranje testovaci testare teszt tesztelo δοκιμη בדיקה آزمون تست "
                            "ทดสอบ valutazione testning testaus degerlendirme evaluasi kiemtra kiemthu danhgia "
                            "testi testisetti sinama deneme toets toetsen probny kontrolny proeve prove vizsga "
                            "тест тестовая тестовый тестирование оценка тестування اختبار الاختبار "
                            "परीक्षण 테스트 시험 평가 测试 測試 测试集 テスト 評価"), TEST),
}  # fmt: skip
# Val where train is there beside it; else what the network is developed on: train.
DEVELOPMENT_WORDS = word_set("dev devel development entwicklung entwicklungs")
# Taken for a part only where the set has other parts as well.
WEAK_SPLIT_WORDS = {"tr": TRAIN, "va": VAL, "vl": VAL, "te": TEST, "ts": TEST}
# Folders of nothing else are this part where they lie beside train and no other folder is it.
LONE_WORDS = {
    **dict.fromkeys(word_set("cv crossvalidation monitor monitoring earlystopping"), VAL),
    **dict.fromkeys(word_set("external externe extern externo externa esterno independent independiente blind blinded "
                            "hidden private secret reserved prospective leaderboard"), TEST),
}  # fmt: skip
# Validation on data from elsewhere is a test in medicine.
ELSEWHERE_WORDS = word_set("external externe externer externes extern externo externa esterno esterna independent "
                          "independiente independente внешняя внешний 외부 外部 zewnetrzna")  # fmt: skip
_GLUED = word_set("set sets data dataset image images img imgs folder dir split part cases samples files list daten "
                 "datensatz sdaten sdatensatz menge smenge bilder "
                 "kohorte skohorte kollektiv skollektiv cohort 队列 隊列 코호트 "
                 "데이터 데이터셋 세트 셋 용 用 集 データ 数据 数据集")  # fmt: skip


# The train part of a study whose held-out cohort is called its validation.
DERIVATION_WORDS = word_set("derivation discovery estimation development entwicklung derivacion derivazione derivacao")
COHORT_WORDS = word_set(
    "cohort cohorts kohorte kohorten cohorte cohortes coorte coorti cohorten когорта 队列 隊列 코호트 コホート"
)
# "Validation" by itself, not what networks are tuned on.
VALIDATION_WORDS = frozenset(
    word
    for word, part in SPLIT_WORDS.items()
    if part == VAL and word not in word_set("val vals vali vld dev devel development tune tuning")
)
# What stands before a word of a split in scripts without gaps.
UNSPACED_BESIDE = word_set("外部 内部 內部 独立 獨立 最终 最終 公开 公開 盲 前瞻性 前瞻 回顾性 第一 第二 模型 "
                           "原始 外 内 외부 내부 독립 최종 "
                           "전향적 후향적 블라인드 모델 独自 盲検")  # fmt: skip


@lru_cache(maxsize=200_000)
def split_tokens(name: str) -> tuple[str, ...]:
    """Return the words of a name (see `words_of`), two that make one word of a split joined: "hold-out", "kiểm tra".

    Example:
        >>> split_tokens("Hold-out 2"), split_tokens("huấn luyện"), split_tokens("Valid ation")
        (('holdout', '2'), ('huanluyen',), ('validation',))
    """
    found: list[str] = []
    for word in (part for whole in words_of(name) for part in _unspaced(whole)):
        are_two = bool(found) and found[-1] in SPLIT_WORDS and word in SPLIT_WORDS  # "train_val"
        if found and not are_two and found[-1] + word in SPLIT_WORDS:
            found[-1] += word
        else:
            found.append(word)
    return tuple(found)


@lru_cache(maxsize=200_000)
def split_word(word: str, weak: bool = False) -> int | None:
    """Return the part (TRAIN, VAL, TEST) that a word names, glued or not ("testset", "train_data"), else None.

    Args:
        word: in lower case.
        weak: take short words (tr, ts) and misspelt ones ("trian", "vaildation") as well.
    """
    found = SPLIT_WORDS.get(_unglued(word))
    if found is None and weak:
        found = WEAK_SPLIT_WORDS.get(word)
    if found is None and weak:
        found = next((SPLIT_WORDS[near] for near in respelt(word, 4) if near in SPLIT_WORDS), None)
    return found


def _unglued(word: str) -> str:
    """Return the word of a split that a word begins with ("trainset"), else the word."""
    if word in SPLIT_WORDS or word.isdigit():
        return word
    starts = (word.removesuffix(ending) for ending in _GLUED if word.endswith(ending))
    return next((start for start in starts if start in SPLIT_WORDS), word)


def _unspaced(word: str) -> tuple[str, ...]:
    """Cut "外部测试集", which has no gap, into what stands before the word of a split and that word."""
    if word.isascii() or _unglued(word) in SPLIT_WORDS:
        return (word,)
    for start in UNSPACED_BESIDE:
        if word.startswith(start) and _unglued(word.removeprefix(start)) in SPLIT_WORDS:
            return start, word.removeprefix(start)
    return (word,)


def is_validation_word(word: str) -> bool:
    """Tell "validation" and the like, glued or not, from "tune" and "dev"."""
    return _unglued(word) in VALIDATION_WORDS


def is_development_word(word: str) -> bool:
    """Tell "dev", "devset" and the like: val beside train, else train."""
    return _unglued(word) in DEVELOPMENT_WORDS
