"""Words of folders that were put aside: not sorted, not sure, not usable, thrown away, or there twice."""

from functools import lru_cache

from chestbench.catalog.folders.words.words import word_set

# These say themselves that their pictures have no class.
UNLABELLED_WORDS = word_set("unlabeled unlabelled unlabel unclassified uncategorized")
_FILES = word_set(
    "figures figure plots plot charts thumbnails thumbnail thumbs previews preview screenshots screenshot logos logo "
    "icons icon results result outputs output predictions prediction logs log weights checkpoint checkpoints "
    "notebooks notebook scripts script utils tools readme assets ipynb temp tmp backup samples_preview demo "
    "capturas bildschirmfotos"
)
_NOT_SORTED = word_set(
    "unassigned unsorted todo tbd pending queue inbox review recheck misc miscellaneous extra extras sonstiges unread "
    "unsortiert unklassifiziert unbeurteilt unbefundet ausstehend offen pruefen pendiente pendientes revisar revision "
    "clasificar sinclasificar etiquetar classer trier revoir verifier attente attesa classificare etichettare rivedere "
    "pendente pendentes classificar rotular sorteren beoordelen ongesorteerd nieposortowane nesortovane osorterat "
    "osorterade usortert usorteret lajittelematta luokittelematon siniflandirilmamis beklemede bekleyen "
    "несортированное неразобранное неразмеченные проверить разобрать ожидание нерозмічені "
    "미분류 분류전 보류 대기 未分类 未分類 未标注 未標註 未整理 待定 待分类 待审核 待確認 待确认 保留 確認中"
)
_NOT_SURE = word_set(
    "unknown unsure uncertain unclear undetermined undefined ambiguous doubtful doubt questionable inconclusive "
    "unsicher unklar unbekannt unbestimmt fraglich zweifelhaft ungewiss dudoso dudosos dudosa dudosas duda dudas "
    "desconocido desconocidos desconocida incierto indefinido douteux douteuse incertain incertains inconnu inconnus "
    "inconnue indetermine indetermines dubbio dubbi incerto incerti sconosciuto sconosciuti ignoto duvidoso duvidosos "
    "desconhecido onzeker onbekend twijfel twijfelachtig niepewne niepewny nieznane nieznany nejiste nejasne nezname "
    "osaker osakra okand okanda usikker usikre ukendt ukjent epaselva epavarma tuntematon bizonytalan ismeretlen "
    "neclar necunoscut nesigur belirsiz supheli bilinmeyen неизвестно неизвестные неясно неясные сомнительно "
    "сомнительные непонятно невідомо αγνωστο άγνωστο 불확실 "
    "불명 애매 모름 不确定 不確定 不清楚 不明 不詳 未知 存疑 疑問"
)
_NOT_USABLE = word_set(
    "corrupted corrupt damaged broken bad rejected reject excluded exclude discarded discard unusable useless "
    "unreadable nondiagnostic quality artefact artefacts artifact artifacts motion blurry blurred phantom phantoms "
    "calibration scout scouts localizer localizers unbrauchbar verworfen ausgeschlossen aussortiert defekt kaputt "
    "fehlerhaft qualitat artefakte artefakt phantome kalibrierung calidad descartado descartados descartada "
    "descartadas excluido excluidos excluidas rechazado rechazados inservible inservibles artefacto artefactos "
    "fantoma fantomas maniqui qualite rejete rejetes exclu exclus ecarte ecartes inutilisable illisible fantome "
    "qualita scartato scartati esclusi escluso inutilizzabile fantoccio qualidade descartada rejeitado rejeitados "
    "excluidas kwaliteit afgekeurd uitgesloten onbruikbaar jakosc odrzucone wykluczone nieczytelne kvalita vyrazene "
    "kvalitet kassert kasserte utesluten uteslutna laatu hylatty minoseg kalite reddedilen dislanan "
    "качество исключено исключенные брак отклонено фантом артефакты "
    "품질 화질 제외 불량 판독불가 팬텀 "
    "质量 質量 畫質 画質 排除 剔除 废弃 廢棄 不合格 不可用 除外 不良 ファントム 模体 伪影"
)
_THROWN_AWAY = word_set(
    "trash recycle junk garbage deleted delete unused wastebasket papierkorb muell mull loschen geloescht geloscht "
    "papelera basura borrar borrados eliminados eliminar corbeille poubelle supprimer supprimes cestino spazzatura "
    "eliminati lixeira lixo apagados excluir prullenbak kosz smieci usunac kos odpad papperskorg papirkurv "
    "roskakori kuka lomtar silinecek silinen корзина мусор удалить удаленные кошик "
    "휴지통 쓰레기 삭제 回收站 垃圾 垃圾桶 删除 刪除 作废 ゴミ箱 ごみ箱 削除"
)
_TWICE = word_set(
    "duplicates duplicate duplicated dups dupes dup repeated repeats doppelt doppelte dubletten duplikate duplikat "
    "duplicado duplicados duplicada duplicadas repetido repetidos repetidas doublon doublons duplicati duplicato "
    "doppioni duplicadas dubbel dubbele duplikaty duplicity dubbletter dubletter duplikater kaksoiskappaleet masolat "
    "tekrarlanan kopyalar дубликаты дубли повторы дублікати 중복 重复 重複 副本 복제"
)
_MORE = word_set(
    "fail failed skip skipped ignore ignored maybe perhaps leftover leftovers wip wait waiting blank blanks empty leer "
    "leere vacias vides vuote ablage sicherung weg raus doute doutes forse quizas vielleicht kanske quality qa qc "
    "zurueckgestellt zuruckgestellt spornye спорные разное прочее 모호 판정불가 확인필요 判定不能 要確認 不详 不能用"
)
ASIDE_WORDS = UNLABELLED_WORDS | _FILES | _NOT_SORTED | _NOT_SURE | _NOT_USABLE | _THROWN_AWAY | _TWICE | _MORE
# Of scripts that leave no gaps between words.
_UNSPACED = tuple(sorted(word for word in ASIDE_WORDS if len(word) > 1 and word[0] >= "\u3040"))
# Aside where nothing else is said: "alt", but not "old_tb".
OLD_WORDS = word_set(
    "old older previous outdated obsolete archived deprecated alt alte alter altes veraltet frueher antiguo antiguos "
    "antigua antiguas viejo viejos ancien anciens ancienne vecchio vecchi vecchia antigo antigos oud oude stary stare "
    "stara starsi gammal gamla gammel gamle vanha vanhat regi eski старый старые старое старі "
    "구버전 이전 旧 旧版 舊 旧的 古い"
)
# How such words begin in several languages: "неопределенные", "Wiederholungen", "repeticiones", "Kalibrierung".
_STEMS = (
    *("неопредел", "неразобр", "неразмеч", "неизвест", "сомнит", "дублик", "повтор", "исключ", "калибров", "фантом"),
    *(
        "unklass",
        "unclass",
        "unsort",
        "unlabel",
        "ungekla",
        "unausgewert",
        "unbewert",
        "klarung",
        "uberpruf",
        "ausgesond",
    ),
    *(
        "duplic",
        "duplik",
        "doublon",
        "doppi",
        "dublett",
        "repetic",
        "repetit",
        "repetid",
        "wiederhol",
        "calibr",
        "kalibr",
    ),
    *("phantom", "fantom", "wasserphantom", "descart", "scartat", "verworf", "aussort", "archiv", "arkiv", "revisar"),
    *("niejasn", "nejasn", "nerozhod", "neoznac", "neurcit", "nepouzit", "niepewn", "nieznan", "nieoceni", "odrzuc"),
    *("siniflandirilm", "degerlendiril", "etiketlenm", "belirsiz", "luokittele", "osaker", "usikk", "ubestem"),
    *("inclass", "desconoc", "desconhec", "sconosciut", "inconnu", "onbeken", "ongeclass", "markimatt"),
)
_SHORT = 5
# What is to be done before the verb that says it: "à classer", "to sort", "por clasificar", "zu prüfen".
TO_DO_WORDS = word_set("to a por para zu zum da te do att til å")
# What denies what follows it, at the beginning of a name.
NOT_WORDS = word_set(
    "not no non un nicht kein keine ohne pas sans sin sem senza nao niet geen zonder nie bez ne ei ikke inte utan uten "
    "uden nem degil khong chua tidak belum bukan не нет без δεν غير"
)
# The same, or "waits for", as the first letter of a word, in scripts without gaps.
_NOT_LETTERS = ("未", "待", "ไม", "不能", "无法", "無法")


@lru_cache(maxsize=200_000)
def is_aside_word(word: str) -> bool:
    """Tell a word of a folder that was put aside; in scripts without gaps it may be a part of a longer one."""
    if word in ASIDE_WORDS or (len(word) > _SHORT and word.startswith(_STEMS)):
        return True
    return not word.isascii() and (word.startswith(_NOT_LETTERS) or any(part in word for part in _UNSPACED))
