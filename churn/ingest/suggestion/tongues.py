"""What operators of nine further tongues call tables and columns: the words of each.

German, French, Spanish, Portuguese, Italian, Polish, Turkish, Indonesian and Russian. Only what
most extracts hold; the rest is told by values, or asked. Added to the words of
:mod:`churn.ingest.suggestion.vocabulary` under the same keys; accents are taken off both sides
before words are held to each other.
"""

from __future__ import annotations

from collections.abc import Mapping

_LINE = (
    "rufnummer|anschluss|anschlussnummer|teilnehmer|teilnehmernummer|vertragsnummer|msisdn"
    "|ligne|numéro de ligne|numéro|abonné|numéro abonné|línea|número de línea|número|abonado"
    "|teléfono|número de teléfono|contrato"
)

#: German, French and Spanish.
_FIRST: Mapping[str, str] = {
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

#: Where the words are none of those.
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

_ITALIAN: Mapping[str, str] = {
    "subscribers": "clienti|utenze|linee|anagrafica|anagrafica clienti",
    "bills": "fatture|fatturazione|fattura",
    "calls": "chiamate|traffico dettaglio|telefonate",
    "usage_monthly": "consumi|traffico mensile",
    "arrears": "insoluti|morosità|scaduto",
    "status_events": "eventi|stati|variazioni di stato|storico stati",
    "plan_changes": "cambi piano|cambi offerta",
    "complaints": "reclami|segnalazioni",
    "faults": "guasti|disservizi",
    "recharges": "ricariche",
    "subscribers.subscriber_id": "linea|numero linea|utenza|numero utenza|id utenza",
    "subscribers.customer_id": "codice cliente|id cliente|intestatario",
    "subscribers.account_id": "conto|codice conto",
    "subscribers.product": "prodotto|servizio|tipo servizio",
    "subscribers.payment": "tipo pagamento|modalità di pagamento",
    "subscribers.customer_type": "tipo cliente|segmento",
    "subscribers.region": "regione|provincia|città|comune",
    "subscribers.plan": "piano|piano tariffario|offerta|tariffa",
    "subscribers.plan_fee": "canone|canone mensile|costo mensile",
    "subscribers.activated_on": "data attivazione|attivato il|cliente dal",
    "subscribers.contract_ends_on": "fine vincolo|scadenza contratto|vincolo fino al",
    "bills.bill_month": "mese|mese di competenza|periodo|mese fattura",
    "bills.amount_due": "importo|importo totale|totale|totale fattura",
    "bills.due_on": "scadenza|data scadenza",
    "bills.paid_on": "data pagamento|pagato il",
    "bills.amount_paid": "importo pagato|pagato",
    "bills.discount": "sconto",
    "calls.peer_id": "numero chiamato|chiamato|destinatario",
    "calls.started_at": "data e ora|inizio|ora inizio",
    "calls.seconds": "durata",
    "calls.direction": "direzione|verso",
    "calls.kind": "tipo|tipo traffico",
    "arrears.as_of": "data riferimento|alla data",
    "arrears.amount_overdue": "importo scaduto|scaduto|insoluto",
    "arrears.days_overdue": "giorni di ritardo|giorni scaduto",
    "status_events.effective_at": "data evento|data variazione|decorrenza|data",
    "status_events.status": "stato|nuovo stato|evento",
    "status_events.reason": "motivo|causale",
    "complaints.opened_at": "data apertura|aperto il",
    "complaints.closed_at": "data chiusura|chiuso il",
    "complaints.category": "categoria|argomento",
    "recharges.at": "data ricarica",
    "recharges.amount": "importo ricarica|importo",
}

_POLISH: Mapping[str, str] = {
    "subscribers": "abonenci|klienci|linie|baza abonentów",
    "bills": "faktury|faktura|rachunki",
    "calls": "połączenia|bilingi|rozmowy",
    "usage_monthly": "zużycie|użycie miesięczne|ruch miesięczny",
    "arrears": "zaległości|zadłużenie|należności|wiekowanie|wiekowanie należności",
    "status_events": "zdarzenia|statusy|zmiany statusu|historia statusów|dziennik zmian",
    "plan_changes": "zmiany taryf|zmiany planu",
    "complaints": "reklamacje|zgłoszenia|skargi",
    "faults": "awarie|usterki",
    "recharges": "doładowania",
    "subscribers.subscriber_id": "id abonenta|numer abonenta|abonent|numer linii|id usługi"
    "|numer telefonu",
    "subscribers.customer_id": "id klienta|numer klienta|klient",
    "subscribers.account_id": "konto|numer konta",
    "subscribers.product": "produkt|usługa|typ usługi|rodzaj usługi",
    "subscribers.payment": "rodzaj płatności|typ płatności|typ umowy",
    "subscribers.customer_type": "typ klienta|segment|segment klienta",
    "subscribers.region": "województwo|region|miasto|powiat",
    "subscribers.plan": "taryfa|plan|plan taryfowy|nazwa taryfy",
    "subscribers.plan_fee": "abonament|opłata abonamentowa|abonament miesięczny",
    "subscribers.activated_on": "data aktywacji|aktywacja|data przyłączenia|klient od",
    "subscribers.contract_ends_on": "koniec umowy|data końca umowy|umowa do|data zakończenia umowy",
    "bills.bill_month": "miesiąc|okres|miesiąc rozliczeniowy|okres rozliczeniowy",
    "bills.amount_due": "kwota|kwota brutto|kwota faktury|do zapłaty|razem",
    "bills.due_on": "termin płatności|termin",
    "bills.paid_on": "data zapłaty|data płatności|data wpłaty|zapłacono dnia",
    "bills.amount_paid": "zapłacono|kwota zapłacona|wpłata",
    "bills.discount": "rabat|upust",
    "calls.peer_id": "numer docelowy|numer wybrany|numer b",
    "calls.started_at": "początek|data i godzina|data rozpoczęcia",
    "calls.seconds": "czas trwania|czas połączenia",
    "calls.direction": "kierunek",
    "calls.kind": "rodzaj|typ|rodzaj połączenia",
    "usage_monthly.month": "miesiąc|okres",
    "usage_monthly.voice_out_minutes": "minuty|minuty wychodzące",
    "usage_monthly.voice_in_minutes": "minuty przychodzące",
    "usage_monthly.megabytes": "dane|transfer danych|dane mb|dane gb",
    "arrears.as_of": "stan na dzień|na dzień|data stanu",
    "arrears.amount_overdue": "zaległość|kwota zaległa|kwota zaległości|zadłużenie|razem",
    "arrears.days_overdue": "dni po terminie|dni zaległości|dni opóźnienia",
    "status_events.effective_at": "data zmiany|data zdarzenia|obowiązuje od|data",
    "status_events.status": "status|nowy status|stan|nowy stan|stan nowy|zdarzenie",
    "status_events.reason": "powód|przyczyna|kod przyczyny",
    "complaints.complaint_id": "numer zgłoszenia|numer reklamacji",
    "complaints.opened_at": "data zgłoszenia|data otwarcia|data przyjęcia",
    "complaints.closed_at": "data zamknięcia|data rozpatrzenia",
    "complaints.category": "kategoria|temat|rodzaj zgłoszenia",
    "recharges.at": "data doładowania",
    "recharges.amount": "kwota doładowania|kwota",
}

_TURKISH: Mapping[str, str] = {
    "subscribers": "aboneler|abone listesi|müşteriler|hatlar",
    "bills": "faturalar|fatura",
    "calls": "aramalar|görüşmeler|arama kayıtları",
    "usage_monthly": "kullanım|aylık kullanım",
    "arrears": "borçlar|gecikmiş borçlar|alacaklar",
    "status_events": "durumlar|durum değişiklikleri|hareketler|abone hareketleri",
    "plan_changes": "tarife değişiklikleri",
    "complaints": "şikayetler|şikâyetler",
    "faults": "arızalar",
    "recharges": "yüklemeler|tl yüklemeleri",
    "subscribers.subscriber_id": "abone no|abone numarası|hat no|hizmet no|gsm no|telefon no",
    "subscribers.customer_id": "müşteri no|müşteri numarası|müşteri",
    "subscribers.account_id": "hesap no|hesap",
    "subscribers.product": "ürün|hizmet|hizmet türü|ürün tipi",
    "subscribers.payment": "ödeme tipi|ödeme türü|hat tipi|faturalı faturasız",
    "subscribers.customer_type": "müşteri tipi|müşteri türü|segment",
    "subscribers.region": "il|şehir|bölge|ilçe",
    "subscribers.plan": "tarife|tarife adı|paket|paket adı",
    "subscribers.plan_fee": "aylık ücret|tarife ücreti|paket ücreti",
    "subscribers.activated_on": "aktivasyon tarihi|başlangıç tarihi|abonelik tarihi|açılış tarihi",
    "subscribers.contract_ends_on": "taahhüt bitiş tarihi|taahhüt bitiş|sözleşme bitiş tarihi",
    "bills.bill_month": "dönem|fatura dönemi|ay|fatura ayı",
    "bills.amount_due": "tutar|fatura tutarı|toplam tutar|toplam",
    "bills.due_on": "son ödeme tarihi|vade tarihi",
    "bills.paid_on": "ödeme tarihi",
    "bills.amount_paid": "ödenen tutar|ödenen",
    "bills.discount": "indirim",
    "calls.peer_id": "aranan numara|karşı numara",
    "calls.started_at": "başlangıç zamanı|arama zamanı|tarih saat",
    "calls.seconds": "süre|görüşme süresi",
    "calls.direction": "yön",
    "calls.kind": "tür|arama türü",
    "arrears.as_of": "rapor tarihi|tarih",
    "arrears.amount_overdue": "gecikmiş tutar|gecikmiş borç|borç tutarı|borç",
    "arrears.days_overdue": "gecikme günü|gecikme gün sayısı",
    "status_events.effective_at": "işlem tarihi|değişiklik tarihi|geçerlilik tarihi|tarih",
    "status_events.status": "durum|yeni durum|hat durumu|işlem",
    "status_events.reason": "neden|sebep|iptal nedeni",
    "complaints.opened_at": "açılış tarihi|kayıt tarihi",
    "complaints.closed_at": "kapanış tarihi|çözüm tarihi",
    "complaints.category": "kategori|konu",
    "recharges.at": "yükleme tarihi",
    "recharges.amount": "yükleme tutarı|tutar",
}

_INDONESIAN: Mapping[str, str] = {
    "subscribers": "pelanggan|data pelanggan",
    "bills": "tagihan|faktur",
    "calls": "panggilan|rincian panggilan",
    "usage_monthly": "pemakaian|pemakaian bulanan",
    "arrears": "tunggakan|piutang",
    "status_events": "status pelanggan|perubahan status|riwayat status|mutasi",
    "plan_changes": "perubahan paket",
    "complaints": "keluhan|pengaduan",
    "faults": "gangguan",
    "recharges": "isi ulang|pengisian",
    "subscribers.subscriber_id": "id pelanggan|nomor pelanggan|no pelanggan|nomor layanan|nomor hp",
    "subscribers.customer_id": "id nasabah|nomor konsumen",
    "subscribers.account_id": "akun|nomor akun",
    "subscribers.product": "produk|layanan|jenis layanan",
    "subscribers.payment": "jenis pembayaran|tipe pembayaran",
    "subscribers.customer_type": "jenis pelanggan|segmen",
    "subscribers.region": "wilayah|kota|provinsi|witel",
    "subscribers.plan": "paket|nama paket",
    "subscribers.plan_fee": "biaya bulanan|abonemen|harga paket",
    "subscribers.activated_on": "tanggal aktivasi|tgl aktivasi|tanggal aktif|tgl aktif"
    "|tanggal pasang",
    "subscribers.contract_ends_on": "akhir kontrak|tanggal akhir kontrak|tgl akhir kontrak",
    "bills.bill_month": "bulan|periode|bulan tagihan|periode tagihan",
    "bills.amount_due": "jumlah tagihan|total tagihan|jumlah|tagihan",
    "bills.due_on": "jatuh tempo|tanggal jatuh tempo|tgl jatuh tempo",
    "bills.paid_on": "tanggal bayar|tgl bayar|tanggal pembayaran",
    "bills.amount_paid": "jumlah bayar|dibayar",
    "bills.discount": "diskon|potongan",
    "calls.peer_id": "nomor tujuan",
    "calls.started_at": "waktu mulai|waktu panggilan",
    "calls.seconds": "durasi",
    "calls.direction": "arah",
    "calls.kind": "jenis|jenis panggilan",
    "arrears.as_of": "per tanggal|tanggal laporan",
    "arrears.amount_overdue": "jumlah tunggakan|tunggakan",
    "arrears.days_overdue": "hari tunggakan|umur tunggakan",
    "status_events.effective_at": "tanggal|tanggal perubahan|tgl perubahan|tanggal status",
    "status_events.status": "status|status baru|jenis mutasi",
    "status_events.reason": "alasan|sebab",
    "complaints.opened_at": "tanggal lapor|tanggal buka|tgl lapor",
    "complaints.closed_at": "tanggal selesai|tgl selesai|tanggal tutup",
    "complaints.category": "kategori|jenis keluhan",
    "recharges.at": "tanggal isi ulang",
    "recharges.amount": "nominal|jumlah isi ulang",
}

_RUSSIAN: Mapping[str, str] = {
    "subscribers": "абоненты|клиенты|абонентская база|линии",
    "bills": "счета|начисления",
    "calls": "звонки|вызовы|детализация",
    "usage_monthly": "потребление|трафик за месяц",
    "arrears": "задолженность|дебиторка|долги",
    "status_events": "статусы|история статусов|события|изменения статуса",
    "plan_changes": "смена тарифа|смены тарифа",
    "complaints": "жалобы|обращения|претензии",
    "faults": "аварии|неисправности|повреждения",
    "recharges": "пополнения",
    "subscribers.subscriber_id": "номер абонента|абонент|абонентский номер|номер телефона"
    "|лицевой номер|ид абонента",
    "subscribers.customer_id": "клиент|номер клиента|код клиента|ид клиента",
    "subscribers.account_id": "лицевой счет|лицевой счёт",
    "subscribers.product": "услуга|продукт|тип услуги|вид услуги",
    "subscribers.payment": "тип оплаты|способ расчетов|метод расчетов",
    "subscribers.customer_type": "тип клиента|сегмент",
    "subscribers.region": "регион|город|область|филиал",
    "subscribers.plan": "тариф|тарифный план|название тарифа",
    "subscribers.plan_fee": "абонентская плата|абонплата",
    "subscribers.activated_on": "дата подключения|дата активации",
    "subscribers.contract_ends_on": "дата окончания договора|окончание договора|договор до",
    "bills.bill_month": "месяц|период|расчетный период|отчетный месяц",
    "bills.amount_due": "сумма|сумма счета|начислено|к оплате|итого",
    "bills.due_on": "срок оплаты|оплатить до",
    "bills.paid_on": "дата оплаты|дата платежа",
    "bills.amount_paid": "оплачено|сумма оплаты",
    "bills.discount": "скидка",
    "calls.peer_id": "вызываемый номер|номер собеседника|номер б",
    "calls.started_at": "начало|дата и время|время начала",
    "calls.seconds": "длительность|продолжительность",
    "calls.direction": "направление",
    "calls.kind": "тип|вид связи|тип события",
    "arrears.as_of": "на дату|дата отчета|дата",
    "arrears.amount_overdue": "сумма долга|задолженность|сумма задолженности|просрочено",
    "arrears.days_overdue": "дней просрочки|дни просрочки",
    "status_events.effective_at": "дата изменения|дата события|действует с|дата",
    "status_events.status": "статус|новый статус|состояние|событие",
    "status_events.reason": "причина",
    "complaints.opened_at": "дата обращения|открыто|дата регистрации",
    "complaints.closed_at": "дата закрытия|закрыто|дата решения",
    "complaints.category": "категория|тема|тип обращения",
    "recharges.at": "дата пополнения",
    "recharges.amount": "сумма пополнения|сумма",
}

_ALL = (_FIRST, _PORTUGUESE, _ITALIAN, _POLISH, _TURKISH, _INDONESIAN, _RUSSIAN)

#: Table, or table and column: what it is called. Alternatives stand between bars.
NAMES: Mapping[str, str] = {
    key: "|".join(words[key] for words in _ALL if key in words)
    for key in dict.fromkeys(key for words in _ALL for key in words)
}

_FLAGS = {
    "true": "ja|oui|sí|si|sim|zufrieden",
    "false": "nein|non|não|unzufrieden",
}

#: Table, column and canonical value: what is written.
VALUES: Mapping[str, Mapping[str, str]] = {
    "subscribers.product": {
        "mobile": "mobilfunk|handy|móvil|celular|telefonía móvil|mobile|cellulare|komórka"
        "|komórkowy|mobilny|telefonia komórkowa|mobil|cep|seluler|ponsel|мобильный"
        "|мобильная связь|сотовая связь",
        "fixed": "festnetz|fixe|fijo|fija|telefonía fija|fisso|telefono fisso|stacjonarny"
        "|telefonia stacjonarna|sabit|sabit telefon|telepon rumah|фиксированный|стационарный",
        "broadband": "breitband|glasfaser|haut débit|fibre optique|banda ancha|fibra|banda larga"
        "|fibra|internet stacjonarny|światłowód|genişbant|fiber|internet|широкополосный"
        "|интернет|шпд",
        "leased": "standleitung|mietleitung|liaison louée|línea dedicada|linea dedicata"
        "|łącze dzierżawione|kiralık hat|sewa jaringan|выделенная линия",
    },
    "subscribers.payment": {
        "prepaid": "guthaben|prépayé|prépayée|prepago|pré pago|prepagato|ricaricabile|przedpłata"
        "|przedpłacony|karta|faturasız|prabayar|предоплата|предоплатный|авансовый",
        "postpaid": "vertrag|laufzeitvertrag|rechnung|postpayé|forfait|pospago|contrato|pós pago"
        "|postpagato|abbonamento|abonament|abonamentowy|faturalı|pascabayar|постоплата"
        "|постоплатный|кредитный",
    },
    "calls.direction": {
        "out": "ausgehend|abgehend|sortant|saliente|realizada|uscente|in uscita|wychodzące"
        "|wychodzący|giden|keluar|исходящий|исходящие",
        "in": "eingehend|ankommend|entrant|entrante|recibida|recebida|entrante|in entrata"
        "|ricevuta|przychodzące|przychodzący|gelen|masuk|входящий|входящие",
    },
    "calls.kind": {
        "voice": "sprache|gespräch|voix|appel|voz|llamada|voce|głos|rozmowa|ses|suara|голос"
        "|разговор",
        "data": "daten|données|datos|dati|dane|transmisja danych|veri|data|данные|интернет",
    },
    "complaints.category": {
        "network": "netz|netzqualität|netzstörung|empfang|réseau|couverture|cobertura|señal|red"
        "|calidad de la señal|rete|copertura|sieć|zasięg|jakość sieci|şebeke|kapsama|jaringan"
        "|sinyal|связь|сеть|покрытие|качество связи",
        "charges": "rechnung|kosten|gebühren|facture|facturation|factura|cobro|facturación|cargos"
        "|facturas|cobros|fatturazione|addebiti|bolletta|faktura|opłaty|rozliczenia|fatura"
        "|ücret|tagihan|biaya|счет|начисления|списание|оплата",
        "service": "kundendienst|betreuung|accueil|atención|servicio|atención al cliente"
        "|assistenza|servizio clienti|obsługa|obsługa klienta|hizmet|müşteri hizmetleri"
        "|layanan|обслуживание|сервис",
        "value_added": "mehrwertdienst|mehrwertdienste|drittanbieter|services à valeur ajoutée"
        "|valor agregado|servicios adicionales|suscripciones|servizi a valore aggiunto"
        "|abbonamenti non richiesti|usługi dodatkowe|subskrypcje|katma değerli|abonelikler"
        "|layanan tambahan|konten|платные подписки|подписки|дополнительные услуги",
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
