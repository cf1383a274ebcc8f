"""What people mean by the names of folders: the words of splits, of file kinds, of masks, of findings, of places.

A folder's name is cut into words (`words_of`), and `role_of` says what it most likely is. The lists hold what public
chest sets and people's own folders use, in several languages; a name that none of them knows is UNKNOWN, and the reader
decides by its place among the others.
"""

import re
import unicodedata
from enum import Enum
from functools import lru_cache


class Role(Enum):
    """What a folder's name says that the folder is."""

    SPLIT = "part of a split"
    MASK = "masks or annotations"
    KIND = "kind of file"
    FINDING = "finding"
    ID = "patient, study or number"
    CONTEXT = "place, device, view or sex"
    ASIDE = "put aside"
    UNKNOWN = "unknown"


TRAIN, VAL, TEST = range(3)


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPLIT_WORDS = {
    **dict.fromkeys(_listed("train trains training trained trn learn learning fit fitting development derivation "
                            "discovery trainval trainvalid traindev valtrain entrenamiento entrainement apprentissage "
                            "treino treinamento 훈련 학습 训练 訓練 训练集 学習"), TRAIN),
    **dict.fromkeys(_listed("val vals vali valid validation validations validate validating dev devel tune tuning "
                            "validacion validacao 검증 验证 驗證 验证集 検証"), VAL),
    **dict.fromkeys(_listed("test tests testing tst eval evaluation evaluate holdout heldout unseen prueba pruebas "
                            "teste 테스트 시험 测试 測試 测试集 テスト"), TEST),
}  # fmt: skip
# Taken for a part only where the set has other parts as well.
WEAK_SPLIT_WORDS = {"tr": TRAIN, "va": VAL, "vl": VAL, "te": TEST, "ts": TEST}
_GLUED = _listed("set sets data dataset image images img imgs folder dir split part cases samples files list")

# Words that say nothing: they may stand beside any other.
FILLERS = _listed(
    "set sets subset data dataset datasets database db collection archive archives folder folders dir directory file "
    "files part parts partition batch chunk fold folds split splits group the of and with for a an my new old final "
    "latest full complete whole all total main master public official private internal version v copy case cases "
    "sample samples example examples class classes category categories type kaggle github zip download downloads "
    "content input inputs root unzipped extracted cohort"
)
IMAGE_WORDS = _listed(
    "image images imgs img im pictures picture pics pic photos photo png pngs jpg jpgs jpeg jpegs bmp bmps tif tiff "
    "tiffs gif webp dicom dicoms dcm dcms jp2 raw scan scans slice slices frame frames radiograph radiographs "
    "radiography radiology xray xrays cxr cxrs ct cts hrct chest lung lungs thorax thoracic pulmonary "
    "medical clinical original originals processed preprocessed resized cropped enhanced normalized normalised "
    "segmented augmented augmentation augmentations aug gray grey grayscale greyscale rgb color colour converted film "
    "films imagenes bilder 이미지 사진 영상 图像 图片 画像"
)
# Any of these makes a name one of masks or annotations, whatever stands beside it.
MASK_WORDS = _listed(
    "mask masks seg segs segm segmentation segmentations segmentaion labelmap labelmaps annotation annotations annot "
    "annots groundtruth groundtruths gt gts contour contours outlines delineation delineations bbox bboxes heatmap "
    "heatmaps overlay overlays silhouette matte mascara mascaras masque masques maske masken 마스크 掩膜 マスク"
)
# Masks only as a whole name, beside words that say nothing or name an organ.
_PURE_MASK_WORDS = _listed("label labels roi rois boxes truth ground map maps region regions annotated bounding box")
ORGANS = _listed("lung lungs infection infections lesion lesions left right heart clavicle clavicles organ organs ct")
TABLE_WORDS = _listed(
    "csv csvs xml xmls json txt metadata meta tables table docs doc document documents text texts code"
)

FINDINGS = _listed(
    "covid covid19 ncov cov2 cov corona coronavirus sars mers normal normals normales healthy health pneumonia "
    "pneumonias pneumonic pnemonia viral bacterial bacteria virus fungal fungus tb tbc tuberculosis tuberculous "
    "opacity opacities effusion atelectasis cardiomegaly consolidation edema oedema emphysema fibrosis hernia "
    "infiltration infiltrate infiltrates mass masses nodule nodules pleural pneumothorax thickening fracture cancer "
    "cancerous carcinoma adenocarcinoma squamous tumor tumour tumors tumours malignant malignancy malignancies benign "
    "bengin bening metastasis metastases lesion positive negative positives negatives pos neg infected uninfected "
    "infection noninfected disease diseased diseases sick ill sickness abnormal abnormals abnormality finding findings "
    "nofinding control controls ards ild copd cap influenza flu asthma bronchitis bronchiectasis bronchiolitis "
    "sarcoidosis embolism ggo glass honeycombing mycoplasma pneumocystis streptococcus klebsiella legionella "
    "silicosis pneumoconiosis cavity cavitation calcification granuloma typical atypical indeterminate noncovid "
    "covidneg covidpos nontb notb unaffected affected other others 정상 폐렴 결핵 확진 正常 肺炎 肺结核 阴性 "
    "阳性 健康 sano sanos sana neumonia neumonias enfermo enfermos gesund krank pneumonie sain sains malade saudavel "
    "tuberculose poumon"
)
# Degrees of a finding: findings where no other finding is named.
DEGREES = _listed("mild moderate severe severity critical early late acute chronic advanced progressive")
NEGATIONS = _listed("no non not without un")
_ORDINALS = _listed("grade stage type class level score category label degree")

PATIENT_WORDS = _listed("patient patients pat pats patientid subject subjects subj person persons pid "
                        "paciente pacientes 환자 患者")  # fmt: skip
_ID_WORDS = PATIENT_WORDS | _listed(
    "p pt s sub sr ser series study studies case id ids visit exam exams examination session acquisition acc accession "
    "view views day week month year date time stack vol volume im img image scan slice no nr num number uid person"
)
_PLACES = _listed(
    "hospital hospitals hosp site sites center centers centre centres clinic clinics institution institutions "
    "institute university univ source sources vendor vendors scanner scanners device devices machine machines country "
    "countries city region origin provider domain cohort cohorts center1 campus ward department dept lab laboratory"
)
_VIEWS = _listed("pa ap lat lateral frontal supine erect upright axial coronal sagittal view views projection position "
                 "orientation ll rl portable left right upper lower anterior posterior")  # fmt: skip
_PEOPLE = _listed("male female males females man men woman women boy girl m f sex gender age ages adult adults "
                  "pediatric paediatric child children infant infants elderly years year")  # fmt: skip
_CONTEXT = _PLACES | _VIEWS | _PEOPLE
ASIDE_WORDS = _listed(
    "unlabeled unlabelled unlabel unknown unclassified uncategorized figures figure plots plot charts thumbnails "
    "thumbnail thumbs previews preview screenshots screenshot logos logo icons icon results result outputs output "
    "predictions prediction corrupted corrupt damaged broken bad rejected reject excluded exclude discarded discard "
    "duplicates duplicate trash temp tmp backup misc miscellaneous extra extras unused todo demo samples_preview"
)

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
_X_RAY = re.compile(r"(?<![^\W\d_])x[ _-]?ray(s?)(?![^\W\d_])", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_UID = re.compile(r"\d+(\.\d+){3,}")


@lru_cache(maxsize=200_000)
def words_of(name: str) -> tuple[str, ...]:
    """Cut a name into words: at whatever is no letter or digit, between letters and digits, and at capitals.

    Example:
        >>> words_of("trainCT_NonCOVID-19"), words_of("Lung_Opacity 2")
        (('train', 'ct', 'non', 'covid', '19'), ('lung', 'opacity', '2'))
    """
    plain = _X_RAY.sub(r"Xray\1", unicodedata.normalize("NFKC", name))
    if plain.isascii():
        return tuple(word.lower() for word in _WORD.findall(plain))
    # Accents would cut words; letters of other scripts have no case to cut at.
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return tuple(unicodedata.normalize("NFC", word).casefold() for word in _WORD.findall(bare))


def split_word(word: str, weak: bool = False) -> int | None:
    """Return the part (TRAIN, VAL, TEST) that a word names, glued or not ("testset", "train_data"), else None."""
    found = SPLIT_WORDS.get(word)
    if found is None and weak:
        found = WEAK_SPLIT_WORDS.get(word)
    if found is None:
        for ending in _GLUED:
            if word.endswith(ending) and (found := SPLIT_WORDS.get(word.removesuffix(ending))) is not None:
                return found
    return found


def is_finding_word(word: str) -> bool:
    """Tell whether a word names a finding or its absence, also glued: "noncovid", "covidpositive"."""
    if word in FINDINGS:
        return True
    for start in ("non", "no", "un"):
        if word.startswith(start) and word[len(start) :] in FINDINGS:
            return True
    return any(word.startswith(first) and word[len(first) :] in FINDINGS for first in ("covid", "tb", "lung"))


def is_mask_name(name: str) -> bool:
    """Tell whether a folder's name says masks or annotations: "lung masks", "LungMask", "labelsTr", "Ground Truth"."""
    words = [word for word in words_of(name) if not word.isdigit()]
    if any(word in MASK_WORDS or word.endswith(("mask", "masks", "labelmap")) for word in words):
        return True
    telling = [word for word in words if word not in FILLERS and split_word(word, weak=True) is None]
    return any(word in _PURE_MASK_WORDS for word in telling) and all(
        word in _PURE_MASK_WORDS or word in ORGANS or word in IMAGE_WORDS for word in telling
    )


def is_image_name(name: str) -> bool:
    """Tell whether a folder's name says nothing but that pictures lie in it: "images", "CXR_png", "Chest X-Ray 2"."""
    words = [word for word in words_of(name) if not word.isdigit() and word not in FILLERS]
    words = [word for word in words if split_word(word, weak=True) is None]
    return bool(words) and all(word in IMAGE_WORDS for word in words)


def has_patient_word(name: str) -> bool:
    """Tell whether a name is a patient's or subject's number: "patient_12", "137covid_patient1"."""
    words = words_of(name)
    return any(word in PATIENT_WORDS for word in words) and any(word.isdigit() for word in words)


def is_ordinal(name: str) -> bool:
    """Tell whether a name counts degrees or classes ("grade 2"), so that its number is no running number."""
    return any(word in _ORDINALS or word in DEGREES for word in words_of(name))


@lru_cache(maxsize=200_000)
def role_of(name: str) -> Role:
    """Return what a folder's name says that it is, but for words of a split (see split_words.py)."""
    words = words_of(name)
    letters = [word for word in words if not word.isdigit()]
    if is_mask_name(name):
        return Role.MASK
    if has_patient_word(name) or _UID.fullmatch(name) or (_HEX.fullmatch(name) and any(c.isdigit() for c in name)):
        return Role.ID
    if any(is_finding_word(word) for word in letters) or any(word in DEGREES for word in letters):
        return Role.FINDING
    telling = [word for word in letters if word not in FILLERS]
    if _is_class_code(words):
        return Role.UNKNOWN
    if letters and all(word in IMAGE_WORDS or word in TABLE_WORDS for word in telling):
        return Role.KIND
    if any(word in ASIDE_WORDS for word in telling):
        return Role.ASIDE
    if len(letters) < len(words) and all(word in _ID_WORDS for word in telling):
        return Role.ID
    if any(word in _PLACES for word in telling):
        return Role.CONTEXT
    if telling and all(word in _CONTEXT for word in telling):
        return Role.CONTEXT
    return Role.UNKNOWN


def _is_class_code(words: tuple[str, ...]) -> bool:
    """Tell "class_0", "Type B" and "A", which may be anything, from "part 2": what counts classes."""
    is_letter = len(words) == 1 and len(words[0]) == 1 and not words[0].isdigit()
    return is_letter or (any(len(w) == 1 or w.isdigit() for w in words) and any(word in _ORDINALS for word in words))
