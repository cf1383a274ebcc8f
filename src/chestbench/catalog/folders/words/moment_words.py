"""Folders of one person's pictures at several times, in phases, windows or views, or of both sides: no other people."""

import re
from collections.abc import Iterable

from chestbench.catalog.folders.words.words import word_set, words_of

# Any of these makes a name one of a time, a phase, a window or a view.
_MOMENTS = word_set(
    "before after pre post baseline followup follow admission discharge visit visits timepoint timepoints tp time day "
    "days week weeks wk wks month months year years hour hours session sessions exam exams besuch sitzung "
    "arterial venous portal delayed plain noncontrast contrast enhanced unenhanced native nativ arterielle veineux "
    "inspiration expiration inspiratory expiratory supine prone erect standing ncct cect mediastinal mediastinum soft "
    "bone lung window windows kernel sharp smooth frontal lateral lat axial coronal sagittal "
    "left right links rechts izquierda derecha gauche droite sinistra destra esquerda direita "
    "dia dias tag jour jours giorno giorni dag dzien gun день semana woche semaine settimana mes monat mois mese "
    "ingreso alta ricovero dimissione sortie admissao opname ontslag przyjecie "
    "vor nach vorher nachher verlauf kontrolle aufnahme entlassung arteriell venos lungenfenster weichteilfenster "
    "avant apres suivi arteriel antes despues seguimiento basal arterial venosa tardia prima dopo basale controllo "
    "depois przed po kontrola once sonra oncesi sonrasi до после контроль "
    "治疗前 治疗后 術前 術後 术前 术后 基线 随访 动脉期 静脉期 平扫 增强 肺窗 纵隔窗 治療前 治療後 造影前 造影後 "
    "치료전 치료후 수술전 수술후 기저 추적 동맥기 정맥기"
)
# They may stand beside one of those.
_BESIDE = word_set(
    "up op st nd rd th operative operation operatif treatment therapy therapie behandlung surgery chirurgie tissue "
    "phase scan "
    "scans ct hrct cxr xray xrays image images study exam view views the of de la series t терапии лечения операции "
    "tratamiento tratamento trattamento terapia tedavi"
)
_MOST_TIMES = 12
_RANGE = re.compile(r"\d+ ?(?:-|–|\.\.|_to_| to ) ?\d+")
_TIME_POINT = re.compile(r"[tv][ _-]?[0-5]|1st|2nd|3rd|[4-9]th", re.IGNORECASE)


def few_times(names: Iterable[str]) -> set[str]:
    """Return the names that are times ("month0", "visit 2") or ranges of numbers ("000-009"), where they are few.

    Hundreds of visits are people's, each of whom came once.

    Example:
        >>> sorted(few_times(["month0", "month6", "p7", "000-009"]))
        ['000-009', 'month0', 'month6']
    """
    times = {name for name in names if is_moment(name) or _RANGE.fullmatch(name.strip())}
    return times if len(times) <= _MOST_TIMES else set()


def is_moment(name: str) -> bool:
    """Tell whether a folder's name says a time, a phase, a window or a view of people who have other pictures too.

    Example:
        >>> [is_moment(name) for name in ("follow-up", "T1", "soft tissue", "arterial phase", "post covid", "Bern")]
        [True, True, True, True, False, False]
    """
    if _TIME_POINT.fullmatch(name.strip()):
        return True
    words = [word for word in words_of(name) if not word.isdigit()]
    return any(word in _MOMENTS for word in words) and all(word in _MOMENTS or word in _BESIDE for word in words)
