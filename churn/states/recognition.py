"""What operators call the states of a service: enough to suggest a state, never to assume it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from churn.ingest.suggestion.likeness import meaning
from churn.ingest.suggestion.vocabulary import DEBT
from churn.states.settings import SHIPPED_CODES
from churn.states.vocabulary import STATES, StateName

#: State: the words that say it, between bars: English, Chinese, and some of nine more tongues.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "preregistered": "preregistered|pre registered|preactive|pre active|pre activated"
        "|preactivated|unused"
        "|never used|not activated|预登录|预开户|未激活|预激活|预销售|未启用",
        "in_service": "in service|active|activated|activation|normal|live|open|opened|connected"
        "|reconnected|resumed|restored|reactivated|registered|new|start|restore|restoral"
        "|reconnect|resume|restart|restarted|reconnection"
        "|resume cancelled|cancellation reversed|reversal|返销|误拆返销|误拆恢复"
        "|reactivate|reactivation|reinstated|reinstate|unbarred|unblocked|unsuspended|bar lifted"
        "|在用|正常|在网|开户|入网|携号转入|携入|转入|撤销预拆|撤销拆机|取消拆机|挽留成功"
        "|ported in|port in"
        "|激活|开通|复机|复话|恢复|启用|开机|停机恢复"
        "|aktiv|actif|en service|activo|reaktiviert|entsperrt|entsperrung|freigeschaltet"
        "|aktivierung|ativação|ativado|ativo|reativação|reativado|desbloqueio|desbloqueado"
        "|réactivé|rétabli|reactivado|rehabilitado"
        "|attivo|attivazione|riattivato|riattivazione|aktywny|aktywna|aktywacja|wznowienie"
        "|wznowiony|odblokowany|aktif|yeniden açıldı|aktivasi|buka isolir|активен|активный"
        "|активирован|подключен|возобновлен|разблокирован|reconexión|alta|reactivación",
        "soft_suspended": "soft suspended|soft suspension|barred|outgoing barred"
        "|outgoing blocked|one way|one way block|restricted|limited|soft block|outgoing bar"
        "|og barred"
        "|bar outgoing|soft disconnect|soft bar|soft suspend|单停|单向停机"
        "|半停|呼出限制|限制呼出|停呼出|限呼|欠费单停"
        "|sperre ausgehend|sperre abgehend|teilsperre|suspension partielle|suspensión parcial"
        "|bloqueio parcial"
        "|blocco uscente|blokada wychodzących|blokada połączeń wychodzących|giden aramaya kapalı"
        "|isolir keluar|блокировка исходящих|bloqueo de salientes",
        "on_hold": "on hold|hold|paused|pause|holiday|vacation|seasonal|voluntary suspension"
        "|pause on customer request|vacation hold|seasonal hold|stolen|lost stolen"
        "|lost or stolen|suspend customer request|customer request suspension|suspension customer"
        "|requested suspension|停机保号|报停|主动停机|申请停机|保号|挂失|用户申请停机|停机保留"
        "|pausiert|ruhend|stillgelegt|stilllegung|en pause|pausado|suspended customer request"
        "|sospensione volontaria|na życzenie|na życzenie klienta|zawieszony na życzenie"
        "|zawieszenie na życzenie|geçici durdurma|donduruldu|dondurma|cuti|cuti berlangganan"
        "|добровольная блокировка|временная блокировка|suspensión voluntaria|suspensión temporal",
        "suspended": "temporary disconnection|temporarily disconnected|temporary disconnect"
        "|temp disconnection|suspended|suspension"
        "|suspend|cut|cut off|blocked|block|debt|non payment"
        "|hard block|two way block|barred both ways|nonpayment|non pay suspend|nonpay suspend"
        "|full bar"
        "|np suspend|non pay|nonpay|双停|欠费停机|双向停机|全停|停机"
        "|欠停|欠费双停|强停"
        "|gesperrt|sperre|sperrung|vollsperre|suspendu|coupé|suspendido|cortado"
        "|bloqueio|bloqueado|suspenso|suspensão"
        "|sospeso|sospensione|bloccato|moroso|morosità|zablokowany|blokada|zawieszony"
        "|zawieszenie|wstrzymany|zadłużenie|askıya alındı|askıda|kapalı|borçtan kapalı|isolir"
        "|blokir|diblokir|tunggakan|заблокирован|приостановлен|блокировка|morosidad|mora"
        "|falta de pago|impago|impagos|suspensión|adeudo",
        "contract_lapsed": "fixed term ended|term ended|no renewal"
        "|contract lapsed|lapsed|contract expired|expired|not renewed"
        "|合同到期未续|合约到期|到期销号|到期未续|到期停机",
        "removed": "removed|removal|forced removal|written off|write off|bad debt"
        "|terminated by operator|involuntary|recovered|purged|terminated nonpayment"
        "|terminated non payment|disconnected nonpayment|disconnected non payment"
        "|non pay disconnect"
        "|nonpay disconnect|np disconnect|disconnect non pay|terminated by provider"
        "|terminated bad debt|credit termination|强拆|强制拆机"
        "|欠费拆机|欠费销号"
        "|强制销户|欠费销户|强销|回收|系统销户|强制销号"
        "|gekündigt durch anbieter|kündigung durch anbieter|anbieterkündigung|zwangskündigung"
        "|résilié par l opérateur|résilié pour impayé|baja por impago|baja por mora"
        "|cancelamento por inadimplência|cancelado por inadimplência"
        "|cessazione per morosità|insolvenza|rozwiązanie za długi|windykacja"
        "|rozwiązanie z winy klienta|borçtan iptal|borç nedeniyle iptal|cabut tunggakan"
        "|putus tunggakan|pemutusan sepihak|расторжение за долги|отключен за неуплату"
        "|отключен за долги|списан|baja por morosidad|baja administrativa|baja por falta de pago",
        "left": "left|leave|churn|churned|disconnect|deactivate|terminate|discontinued"
        "|cancelled|canceled|cancel|cancellation|cease|ceased"
        "|terminated|termination|deactivated|disconnected|disconnection|closed|closure|voluntary"
        "|withdrawn|退网|离网|拆机"
        "|销户|销号|注销|主动离网|主动销户|退订|申请销户|用户拆机"
        "|gekündigt|kündigung|gekündigt durch kunde|kündigung durch kunde|résilié|résiliation|baja"
        "|baja voluntaria|cancelamento|cancelado|desligado|desligamento"
        "|cessato|cessazione|disdetta|recesso|volontaria|rezygnacja|rozwiązanie|rozwiązana"
        "|dezaktywacja|wypowiedzenie|iptal|fesih|ayrıldı|berhenti|berhenti berlangganan|cabut"
        "|pemutusan|расторгнут|расторжение|отключен|закрыт|отказ|voluntaria|cancelación"
        "|cancelada|renuncia",
        "ported_out": "ported out|ported|port out|mnp out|porting out|number ported|携号转出"
        "|携转|携出|携号转网|转网|携入他网"
        "|portiert|abportiert|portierung|rufnummernmitnahme|portage sortant|porté|portado"
        "|portabilidad saliente|portabilidade|portabilidade saída"
        "|portabilità|portato|przeniesienie numeru|przeniesiony|numara taşıma|taşındı|портирован"
        "|перенос номера|portabilidad|portada",
        "moved": "moved|number change|msisdn change|msisdn changed|msisdn swap|number swap"
        "|changed number|new number|number changed|移机改号|改号"
        "|换号|移机"
        "|umgezogen|umzug|déménagement|traslado",
        "migrated": "migrated|migration|product change|product migrated|产品迁移|迁移|铜改光"
        "|光改|产品升级|产品变更"
        "|转产品|业务迁转|制式转换",
        "transferred": "transferred|transfer|owner|new owner|ownership|change of owner"
        "|ownership transfer|过户|转户|转让"
        "|umgeschrieben|umschreibung|cession|cambio de titular|troca de titularidade"
        "|subentro|voltura|cesja|devir|devredildi|balik nama|переоформление|переоформлен|cesión"
        "|cesión de derechos|cambio de propietario",
        "fraud": "fraud|fraudulent|欺诈|诈骗|涉诈|涉案|betrug|fraude"
        "|frode|oszustwo|nadużycie|dolandırıcılık|penipuan|мошенничество",
        "real_name_closed": "sim registration|registration invalid|unregistered sim"
        "|real name closed|real name|kyc|unregistered|identity|实名关停|实名"
        "|未实名|实名停机",
        "deceased": "deceased|dead|death|died|死亡|亡故|去世|身故|verstorben|décédé|fallecido"
        "|decesso|deceduto|zgon|śmierć|vefat|ölüm|meninggal|meninggal dunia|смерть|умер"
        "|defunción|fallecimiento",
        "locked": "locked|lock|quarantine|quarantined|cooling|reserved|aging|锁定期|锁定|冷冻"
        "|冷冻期|冻结|号码保留",
    }
)

#: Why a service ended: such a word decides, whatever the one beside it calls the end.
_WHY = {
    name: WORDS[name]
    for name in ("deceased", "fraud", "ported_out", "transferred", "migrated", "real_name_closed")
}
_END, _DEBT = {"left": WORDS["left"]}, {"debt": DEBT}
_REMOVED: StateName = "removed"
_ENDED = ("left", "removed", "suspended")
_NEGATED = re.compile(r"\b(?:not|non|never|no longer)\b|[未非不]", re.IGNORECASE)
_HALTED = re.compile(r"temp|suspen|barr|停机|单停|双停", re.IGNORECASE)  # no end
_ASKED = re.compile(r"查询|咨询|\b(?:quer|e?inquir|enquir)(?:y|ies)\b", re.IGNORECASE)
_UNDONE = re.compile(r"\b(?:de|dis)[-_ ]", re.IGNORECASE)


def _ended_for_debt(code: str) -> bool:
    """Tell an end and its reason in one: Cancel - non payment."""
    if _HALTED.search(code):
        return False
    return None not in (meaning(code, _END), meaning(code, _DEBT))


def state_of(code: str) -> StateName | None:
    """Return the state that an operator's code says; None where its words tell none.

    Examples
    --------
    >>> state_of("CUT"), state_of("欠费销户"), state_of("X9")
    ('suspended', 'removed', None)
    >>> state_of("死亡销户"), state_of("Closed - deceased"), state_of("涉诈停机后复机")
    ('deceased', 'deceased', 'in_service')
    >>> state_of("Not active"), state_of("非正常"), state_of("De-activated")
    (None, None, 'left')
    >>> state_of("Cancel - non payment"), state_of("Suspend - non payment, full")
    ('removed', 'suspended')
    >>> state_of("Temporary disconnection - collections"), state_of("携转资格查询")
    ('suspended', None)
    """
    known = SHIPPED_CODES.get(code)
    if known is not None:
        return known
    if _ASKED.search(code):
        return None
    said = meaning(_UNDONE.sub(lambda found: found[0][:-1], code), WORDS)
    if said == "in_service" and _NEGATED.search(code.replace("_", " ")):
        return None
    if said in _ENDED:
        said = meaning(code, _WHY) or (_REMOVED if _ended_for_debt(code) else said)
    return STATES[said].name if said else None
