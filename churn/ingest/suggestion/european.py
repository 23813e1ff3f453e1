"""What operators of four tongues of Europe call tables and columns: the words of each.

German, French, Spanish and Portuguese. Only what most extracts hold; the rest is told by values, or
asked. Added to the words of
:mod:`churn.ingest.suggestion.vocabulary` under the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LINE = (
    "rufnummer|anschluss|anschlussnummer|teilnehmer|teilnehmernummer|vertragsnummer|msisdn"
    "|ligne|numéro de ligne|numéro|abonné|numéro abonné|línea|número de línea|número|abonado"
    "|teléfono|número de teléfono|contrato"
)

_FLAGS = MappingProxyType(
    {"true": "ja|oui|sí|si|sim|zufrieden", "false": "nein|non|não|unzufrieden"}
)

#: Table, or table and column: what it is called. Alternatives stand between bars.
_NAMES: Mapping[str, str] = {
    "subscribers": "bestand|kunden|teilnehmer|anschlüsse|verträge|abonnés|lignes|clients|parc"
    "|abonados|clientes|líneas|planta",
    "bills": "rechnungen|rechnung|abrechnung|factures|facture|facturation|facturas|factura"
    "|facturación",
    "calls": "einzelverbindungen|verbindungen|gespräche|evn|appels|communications|llamadas"
    "|detalle de llamadas",
    "usage_monthly": "nutzung|verbrauch|usage mensuel|consommation|consumo|uso mensual",
    "recharges": "aufladungen|guthabenaufladungen|recharges|rechargements|recargas",
    "arrears": "rückstände|forderungen|mahnwesen|impayés|créances|morosidad|deuda|impagos"
    "|cartera vencida|cartera",
    "status_events": "statuswechsel|status|statusänderungen|ereignisse|changements d état"
    "|statuts|historique|cambios de estado|estados|eventos",
    "plan_changes": "tarifwechsel|changements d offre|changements de forfait|cambios de plan",
    "complaints": "beschwerden|reklamationen|réclamations|plaintes|reclamos|reclamaciones|quejas",
    "faults": "störungen|entstörung|pannes|incidents|averías|incidencias",
    "service_orders": "aufträge|serviceaufträge|commandes|interventions|órdenes"
    "|órdenes de servicio",
    "surveys": "umfragen|zufriedenheit|enquêtes|satisfaction|encuestas|satisfacción",
    "contact_details": "kontaktdaten|adressen|coordonnées|datos de contacto",
    "campaign_contacts": "kampagnen|kampagnenkontakte|campagnes|contacts de campagne|campañas",
    "subscribers.subscriber_id": _LINE,
    "subscribers.customer_id": "kundennummer|kunde|client|numéro client|id client"
    "|cliente|número de cliente|id cliente",
    "subscribers.account_id": "konto|kontonummer|kundenkonto|compte|numéro de compte|cuenta"
    "|número de cuenta|rechnungskonto|abrechnungskonto",
    "subscribers.product": "produkt|dienst|anschlussart|produit|service|producto|servicio"
    "|produktart",
    "subscribers.payment": "zahlungsart|abrechnungsart|type de paiement|mode de paiement"
    "|tipo de pago|modalidad de pago",
    "subscribers.customer_type": "kundengruppe|kundentyp|kundensegment|segment|type de client"
    "|tipo de cliente|segmento|kundenart",
    "subscribers.region": "ort|stadt|region|bundesland|gebiet|ville|région|département|ciudad"
    "|región|provincia",
    "subscribers.plan": "tarif|tarifname|vertragsart|forfait|offre|abonnement|plan|tarifa"
    "|tarifbezeichnung",
    "subscribers.plan_fee": "grundgebühr|grundpreis|monatsgebühr|prix du forfait|tarif mensuel"
    "|abonnement mensuel|cuota|cuota mensual|precio del plan",
    "subscribers.acquired_through": "vertriebskanal|vertriebsweg|canal de vente|canal"
    "|canal de venta",
    "subscribers.service_level": "servicestufe|kundenstufe|niveau de service|nivel de servicio",
    "subscribers.activated_on": "vertragsbeginn|aktivierungsdatum|aktiviert am|freischaltung"
    "|kunde seit|seit|date d activation|date de mise en service|activé le|client depuis"
    "|fecha de alta|alta|fecha de activación|cliente desde|produktbeginn|dienstbeginn"
    "|anschlussdatum|startdatum",
    "subscribers.contract_ends_on": "vertragsende|mindestlaufzeit bis|laufzeitende|bindung bis"
    "|fin d engagement|fin de contrat|engagé jusqu au|fin de permanencia|fin de contrato"
    "|permanencia hasta",
    "subscribers.account_manager": "kundenbetreuer|betreuer|chargé de clientèle|gestor"
    "|ejecutivo de cuenta",
    "subscribers.opt_outs": "werbesperre|kontaktsperre|widerspruch|opposition|no contactar",
    "bills.bill_month": "abrechnungsmonat|rechnungsmonat|monat|abrechnungszeitraum"
    "|mois de facturation|mois|période|mes de facturación|mes|periodo",
    "bills.amount_due": "rechnungsbetrag|betrag|gesamtbetrag|rechnungssumme|montant"
    "|montant facturé|montant total|total|importe|importe total|monto|monto facturado",
    "bills.due_on": "fällig am|fälligkeit|fälligkeitsdatum|zahlbar bis|échéance"
    "|date d échéance|vencimiento|fecha de vencimiento|zahlungsziel",
    "bills.paid_on": "bezahlt am|zahlungsdatum|zahldatum|payé le|date de paiement|pagado el"
    "|fecha de pago|zahlungseingang|bezahldatum",
    "bills.amount_paid": "bezahlter betrag|zahlbetrag|gezahlt|montant payé|monto pagado"
    "|importe pagado",
    "bills.usage": "verbindungen|verbindungsentgelt|nutzungsentgelt|communications|consumo",
    "bills.data": "daten|datenentgelt|données|datos",
    "calls.charge": "entgelt|kosten|preis|prix|coût|precio|coste",
    "bills.recurring": "grundgebühr|grundentgelt|abonnement|cuota fija|grundpreis",
    "bills.discount": "rabatt|gutschrift|remise|descuento",
    "calls.peer_id": "zielrufnummer|gegenstelle|zielnummer|numéro appelé|correspondant"
    "|número llamado|destino",
    "calls.started_at": "beginn|startzeit|anrufbeginn|datum|début|heure de début|date|inicio"
    "|fecha|hora de inicio",
    "calls.seconds": "dauer|gesprächsdauer|durée|duración",
    "calls.megabytes": "datenvolumen|volumen|volume|volume de données|volumen de datos",
    "calls.direction": "richtung|sens|dirección|sentido",
    "calls.kind": "art|verbindungsart|type|type de communication|tipo",
    "usage_monthly.month": "monat|mois|mes",
    "recharges.at": "aufgeladen am|aufladedatum|datum|rechargé le|date de recharge"
    "|fecha de recarga|fecha",
    "recharges.amount": "betrag|aufladebetrag|montant|monto|importe",
    "recharges.balance_after": "guthaben|guthaben danach|solde|saldo",
    "arrears.as_of": "stichtag|datum|date|date d arrêté|fecha|fecha de corte",
    "arrears.amount_overdue": "rückstand|offener betrag|überfälliger betrag|montant impayé|impayé"
    "|deuda|monto vencido|importe vencido|saldo vencido|saldo total|total vencido|adeudo",
    "arrears.days_overdue": "tage überfällig|verzugstage|jours de retard|días de mora"
    "|días de atraso",
    "status_events.effective_at": "gültig ab|wirksam ab|änderungsdatum|datum|seit|date d effet"
    "|date de changement|date|fecha efectiva|fecha de cambio|fecha|zeitpunkt",
    "status_events.status": "status|neuer status|zustand|statut|état|nouvel état|estado"
    "|nuevo estado|vorgang|ereignis",
    "status_events.reason": "grund|ursache|motif|raison|motivo|causa",
    "plan_changes.changed_on": "gültig ab|wechseldatum|datum|date d effet|date|fecha",
    "plan_changes.from_plan": "alter tarif|bisheriger tarif|ancien forfait|plan anterior",
    "plan_changes.to_plan": "neuer tarif|nouveau forfait|plan nuevo",
    "complaints.complaint_id": "ticketnummer|beschwerdenummer|vorgangsnummer|ticket"
    "|numéro de réclamation|número de reclamo|reclamo",
    "complaints.opened_at": "eröffnet|eröffnet am|eingang|eingegangen am|ouvert le"
    "|date d ouverture|abierto|fecha de apertura|eingang am|eingegangen",
    "complaints.closed_at": "geschlossen|geschlossen am|erledigt am|clos le|fermé le"
    "|date de clôture|cerrado|fecha de cierre",
    "complaints.category": "thema|kategorie|grund|anliegen|catégorie|motif|categoría|motivo|tema",
    "complaints.escalated": "eskaliert|escaladé|escalado|eskalation",
    "faults.fault_id": "störungsnummer|ticketnummer|numéro d incident|número de avería",
    "faults.opened_at": "gemeldet am|störungsbeginn|signalé le|reportado el|fecha de reporte",
    "faults.restored_at": "behoben am|entstört am|rétabli le|réparé le|reparado el",
    "service_orders.order_id": "auftragsnummer|numéro de commande|número de orden",
    "service_orders.ordered_on": "auftragsdatum|beauftragt am|commandé le|fecha de orden",
    "service_orders.due_on": "termin|zugesagt am|promis le|fecha comprometida",
    "service_orders.done_on": "erledigt am|abgeschlossen am|terminé le|fecha de cierre",
    "surveys.answered_on": "befragt am|antwortdatum|répondu le|fecha de respuesta",
    "surveys.score": "bewertung|punkte|note|puntuación|nota",
}

#: What they are called in Portuguese, where the words are none of those.
_PORTUGUESE: Mapping[str, str] = {
    "subscribers": "assinantes|base assinantes|linhas|clientes ativos",
    "bills": "faturas|fatura|faturamento|cobranças",
    "calls": "chamadas|ligações",
    "usage_monthly": "uso|consumo mensal|tráfego",
    "arrears": "inadimplência|débitos",
    "status_events": "movimentos|movimentações|situação",
    "plan_changes": "trocas de plano|mudanças de plano",
    "complaints": "reclamações",
    "faults": "falhas|defeitos",
    "service_orders": "ordens de serviço",
    "surveys": "pesquisas",
    "contact_details": "dados de contato",
    "campaign_contacts": "campanhas",
    "subscribers.subscriber_id": "linha|número da linha|assinante",
    "subscribers.customer_id": "código do cliente|número do cliente",
    "subscribers.account_id": "conta|número da conta",
    "subscribers.product": "produto|serviço",
    "subscribers.payment": "forma de pagamento|tipo de pagamento",
    "subscribers.customer_type": "segmento",
    "subscribers.region": "uf|estado|cidade|município",
    "subscribers.plan": "plano|nome do plano",
    "subscribers.plan_fee": "mensalidade|valor plano|valor do plano",
    "subscribers.activated_on": "data de ativação|data ativação|data de habilitação|ativado em"
    "|cliente desde",
    "subscribers.contract_ends_on": "fim da fidelidade|fidelidade até|fim do contrato",
    "bills.bill_month": "mês de referência|mês referência|competência|mês|referência",
    "bills.amount_due": "valor total|valor da fatura|valor",
    "bills.due_on": "data de vencimento",
    "bills.paid_on": "data de pagamento|data pagamento|pago em",
    "bills.amount_paid": "valor pago",
    "bills.discount": "desconto",
    "calls.peer_id": "número chamado|número de destino",
    "calls.started_at": "data e hora|início|data",
    "calls.seconds": "duração",
    "calls.megabytes": "volume de dados",
    "calls.direction": "direção",
    "usage_monthly.month": "mês|mês de referência|data",
    "usage_monthly.voice_out_minutes": "minutos|minutos voz|minutos de voz",
    "usage_monthly.megabytes": "dados|volume de dados",
    "recharges.at": "data da recarga|data recarga|data",
    "recharges.amount": "valor da recarga|valor",
    "recharges.balance_after": "saldo após",
    "arrears.as_of": "data de referência|data base",
    "arrears.amount_overdue": "valor em atraso|valor vencido",
    "arrears.days_overdue": "dias em atraso|dias de atraso",
    "status_events.effective_at": "data do evento|data evento|data",
    "status_events.status": "evento|situação|novo status",
    "plan_changes.changed_on": "data da troca|data",
    "plan_changes.from_plan": "plano anterior",
    "plan_changes.to_plan": "novo plano",
    "complaints.complaint_id": "protocolo",
    "complaints.opened_at": "abertura|data de abertura",
    "complaints.closed_at": "fechamento|data de fechamento",
    "complaints.category": "categoria|assunto",
    "surveys.score": "nota",
    "surveys.answered_on": "data da resposta",
}

NAMES: Mapping[str, str] = {
    key: "|".join(words[key] for words in (_NAMES, _PORTUGUESE) if key in words)
    for key in (*_NAMES, *(key for key in _PORTUGUESE if key not in _NAMES))
}

#: Table, column and canonical value: what is written.
VALUES: Mapping[str, Mapping[str, str]] = {
    "subscribers.product": {
        "mobile": "mobilfunk|handy|móvil|celular|telefonía móvil",
        "fixed": "festnetz|fixe|fijo|fija|telefonía fija",
        "broadband": "breitband|glasfaser|haut débit|fibre optique|banda ancha|fibra",
        "leased": "standleitung|mietleitung|liaison louée|línea dedicada",
    },
    "subscribers.payment": {
        "prepaid": "guthaben|prépayé|prépayée|prepago|pré pago",
        "postpaid": "vertrag|laufzeitvertrag|rechnung|postpayé|forfait|pospago|contrato|pós pago",
    },
    "calls.direction": {
        "out": "ausgehend|abgehend|sortant|saliente|realizada",
        "in": "eingehend|ankommend|entrant|entrante|recibida|recebida",
    },
    "calls.kind": {
        "voice": "sprache|gespräch|voix|appel|voz|llamada",
        "data": "daten|données|datos",
    },
    "complaints.category": {
        "network": "netz|netzqualität|netzstörung|empfang|réseau|couverture|cobertura|señal"
        "|red|calidad de la señal",
        "charges": "rechnung|kosten|gebühren|facture|facturation|factura|cobro|facturación"
        "|cargos|facturas|cobros",
        "service": "kundendienst|betreuung|accueil|atención|servicio|atención al cliente",
        "value_added": "mehrwertdienst|mehrwertdienste|drittanbieter|services à valeur ajoutée"
        "|valor agregado|servicios adicionales|suscripciones",
    },
    **dict.fromkeys(
        (
            "complaints.escalated",
            "complaints.satisfied",
            "faults.satisfied",
            "service_orders.satisfied",
            "campaign_contacts.checked",
        ),
        _FLAGS,
    ),
}
