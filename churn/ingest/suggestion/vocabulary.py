"""What operators call tables, columns and values: each declared once.

English and Chinese stand here, some of nine more tongues in
:mod:`churn.ingest.suggestion.tongues`.

A header, or a value, is held to these words by :mod:`churn.ingest.suggestion.likeness`; what its
values are decides with it. Add the word of an extract that was not recognised here (or
there), and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

from churn.ingest.suggestion import tongues

_SUBSCRIBER = (
    "access number|subscription id|subscription|subscription no"
    "|subscriber id|subscriber|subscriber no|user id|user no|line|line id|line no"
    "|service id"
    "|service no|msisdn|phone number|mobile number|phone no|serv id|prod inst id|subs id|sub id"
    "|customer id|cust id|customer no|contract id|id|number|用户编号|用户号|用户标识|用户ID"
    "|用户号码|用户编码|手机号|手机号码|电话号码|业务号码|服务号码|设备号|号码|产品实例"
    "|产品实例编号|线路编号|客户编号|编号|a party|a number|a msisdn|calling number|service number"
)

_NAMES: Mapping[str, str] = {
    "subscribers": "subscribers|users|lines|customers|subs|contract|accounts|master|base"
    "|用户资料|用户|客户资料|用户档案|用户清单|用户信息|在网用户|资料",
    "contact_details": "contact details|contacts|contact|联系方式|联系信息|联系人",
    "bills": "bills|bill|invoices|invoice|billing|statements|charges|账单|出账|月账|收入",
    "calls": "calls|call|cdr|cdrs|call records|calls detail|voice|messages|sms|internet|sessions"
    "|话单|通话|通话详单|详单|清单|短信|上网|流量详单",
    "usage_monthly": "usage monthly|monthly usage|usage|traffic|用量|月用量|使用量|业务量",
    "arrears": "arrears|debts|debt|overdue|dunning|receivables|欠费|欠费清单|逾期",
    "status_events": "status events|status|states|events|history|status history|lifecycle"
    "|changes|状态变更|状态|停复机|停开机|状态记录|状态流水|变更记录",
    "complaints": "complaints|complaint|claims|投诉|投诉工单|申诉",
    "recharges": "recharges|recharge|top ups|topups|top up|refills|vouchers|prepaid payments"
    "|充值|充值记录|充值流水|缴费流水|充值缴费|缴费记录",
    "plan_changes": "plan changes|plan change|tariff changes|tariff change|package changes"
    "|plan history|套餐变更|套餐变更记录|资费变更|套餐变动|套餐订购记录|改套餐",
    "faults": "faults|fault|incidents|outages|trouble tickets|repairs|故障|障碍|报障|报修",
    "service_orders": "service orders|orders|work orders|installations|业务工单|工单|订单|受理"
    "|装移机",
    "surveys": "surveys|survey|satisfaction|nps|csat|满意度|满意度调查|调查|回访评分",
    "visits": "visits|visit|走访|拜访|走访记录",
    "notices": "notices|notice|notifications|reminders|告知|催缴|通知|提醒|催费",
    "campaign_contacts": "campaign contacts|campaigns|campaign|contacts|outbound|retention"
    "|营销接触|营销|外呼|活动|维系|接触记录|维系记录",
    "subscribers.subscriber_id": _SUBSCRIBER,
    "subscribers.customer_id": "customer id|customer|household|customer no|client id|cust id"
    "|客户编号|客户号|客户标识|客户ID|家庭编号|客户编码|客户|holder|owner|party id|party",
    "subscribers.account_id": "account id|account|account no|acct id|payer|billing account"
    "|账户编号|账户|帐户编号|合同号|付费账户|账户ID|账户标识",
    "subscribers.group_id": "group id|group|parent|holding|group customer|集团编号|集团"
    "|集团客户编号|母公司|集团编码|归属集团",
    "subscribers.product": "product|service|service type|product type|line type|access type"
    "|internet service|network type|产品|产品类型|业务类型|服务类型|业务种类|产品大类|网别|brand"
    "|brand name|line of business|net type|品牌|网络类型|业务大类|lob",
    "subscribers.payment": "payment|payment type|payment mode|pay type|pay mode|billing type"
    "|prepaid postpaid|pre post|prepaid|charge type|付费方式|付费类型|付费模式|付费类别|预后付费"
    "|预付后付|付费标志|缴费类型|计费类型|付费属性",
    "subscribers.role": "role|line role|sim role|card role|card type|sim type|user role"
    "|line purpose|主副卡|主副卡标识|主副卡标志|卡类型|号卡类型|用户角色|角色|副卡标识|成员角色"
    "|用户属性|号码用途",
    "subscribers.plan_fee": "plan fee|monthly fee|monthly plan fee|plan price|tariff fee"
    "|package fee|plan charge|base price|套餐月费|套餐费|套餐费用|套餐价格|套餐金额|资费金额"
    "|套餐档位|月租|月租费|月基本费|档位|mrc|monthly recurring charge|recurring fee|monthly price"
    "|monthly rate|monthly rental|package price|package mrc",
    "subscribers.service_level": "service level|star level|star|stars|sla|service grade"
    "|customer level|loyalty level|grade|服务等级|星级|客户星级|用户星级|服务级别|客户等级"
    "|星级等级|会员等级",
    "subscribers.acquired_through": "acquired through|acquisition channel|sales channel"
    "|activation channel|sold by|sold through|channel|发展渠道|入网渠道|销售渠道|受理渠道|开户渠道"
    "|发展人渠道|渠道|渠道类型|发展渠道类型|揽装渠道|dealer channel",
    "subscribers.customer_type": "customer type|segment|customer segment|customer class"
    "|client type|residential commercial|residential business|res bus|consumer business|客户类型"
    "|客户类别|客户群|用户类型|客户性质|客户分群|用户类别",
    "subscribers.region": "region|city|area|district|province|branch|town|location|区域|地区"
    "|地市|区县|归属地|城市|分公司|营业区|所属区域|网格|sales area|eparchy|eparchy name|county"
    "|分局|片区|营服中心|state prov|state province|province state|market|territory|circle"
    "|telecom circle|地区编码|区域编码|地市编码|区县编码|地区代码|本地网|本地网编码",
    "subscribers.plan": "plan|tariff|tariff plan|rate plan|package|price plan|type|contract type"
    "|proposition|bundle plan|service plan"
    "|套餐|资费|资费套餐|套餐名称|主套餐|资费计划|套餐类型|当前套餐|product name|offer"
    "|offer name|产品名称|资费名称|主资费|套餐编码|套餐代码|资费编码|资费代码|主套餐编码",
    "subscribers.activated_on": "activated on|provide date|provision date|provisioned on"
    "|actv date|doa"
    "|date of activation|activation date|activated"
    "|connected"
    "|connection date|start date|begin date|since|join date|reg date|registration date|open date"
    "|in net date|install date|signup date|入网日期|入网时间|开户日期|开户时间|开通日期|激活日期"
    "|注册日期|装机日期|开通时间|激活时间|在网起始日期|start of service|service start"
    "|customer since|in service since|first active|起租日期|启用日期|开通生效日期|go live date"
    "|live date|service from|service begin|product start|connect date|live since|active since",
    "subscribers.contract_ends_on": "contract ends on|contract end date|contract end"
    "|committed until|commitment end|contract expiry|contract until|agreement end|expiry date"
    "|commit end|合约到期日|合约到期日期|合同到期日|合约结束日期|协议到期日|合约到期"
    "|合同结束日期|协议到期时间|到期日|约定到期日|lockin end|lockin end date"
    "|min term until|minimum term|term until"
    "|term end|minimum term end|product end date|lock in until|expire date|约定到期|套餐到期日"
    "|合约失效日期|合约失效时间|合约终止时间|协议终止日期|lock in end|agreement end date"
    "|promo end date|promotion end date|committed to",
    "subscribers.bundle": "bundle|multi play|bundle name|convergence|multiple lines|融合套餐"
    "|融合|捆绑|融合产品|捆绑套餐|绑定套餐|组合产品",
    "subscribers.key_account_classes": "key account classes|key account class|key account"
    "|vip class|vip|大客户类别|大客户分类|大客户|大客户类型|大客户等级|重要客户",
    "subscribers.account_manager": "account manager|manager|key account manager"
    "|relationship manager|客户经理|客户经理姓名|包区经理|维系经理|account rep|rep|responsible",
    "subscribers.opt_outs": "opt outs|opt out|do not contact|dnd|no contact|blocked channels"
    "|拒绝渠道|免打扰|拒绝营销|退订渠道|免打扰渠道|拒访渠道|contact ban|marketing ban"
    "|consent refused|禁扰|拒绝方式|marketing consent|marketing opt out|marketing refusal"
    "|do not call"
    "|do not email|do not sms",
    "contact_details.name": "name|full name|holder name|customer name|姓名|客户姓名|客户名称"
    "|用户姓名|机主",
    "contact_details.phone": "phone|access number|phone number|telephone|mobile|tel"
    "|contact number|联系电话"
    "|电话|手机|联系号码|本机号码",
    "contact_details.alternate_phone": "alternate phone|alternative phone|other phone"
    "|second phone|backup number|备用联系电话|备用电话|备用号码|其他电话|紧急联系电话|第二联系电话"
    "|其他联系电话",
    "contact_details.email": "email|e mail|mail|email address|邮箱|电子邮箱|电子邮件|邮件地址",
    "bills.bill_month": "bill month|month|billing month|period|bill cycle|billing cycle"
    "|billing period|invoice month|bill date|invoice date|bill period|statement date"
    "|statement month"
    "|statement period|cycle close date|cycle end date|bill close date|账期|账单月|账单月份"
    "|出账月份|月份|计费月|账务周期|账单周期|出账月|费用月份|cycle id|cycle|billing cycle id"
    "|计费账期|月份账期",
    "bills.amount_due": "amount due|amount|billed|total|total amount|bill amount|invoice amount"
    "|total due|charges|invoice total|total invoice|bill total|total charge|total charges"
    "|current charge amount|current charge"
    "|new charges"
    "|statement amount|total amount due|total due amount|net amount"
    "|payable|revenue|应收金额|账单金额"
    "|应缴金额|应付金额|出账金额|总金额|费用合计|应收|消费金额|合计|账单总额|出账收入|fee total"
    "|total fee|fee|应收合计|本期应付|账单费用",
    "bills.recurring": "recurring|recurring charge|fixed fee|monthly fee|rental|subscription fee"
    "|subscription|of which subscription|subscription charge"
    "|base fee|rent|月租|固定费用|月租费|月固定费|套餐费|基本费|月费|固定费|fee rent|套餐月费"
    "|套餐及固定费|固定月租|mrc|monthly recurring charge",
    "bills.usage": "usage|usage charge|voice charge|call charges|usage fee|voice and sms|使用费"
    "|通话费|语音费|通信费|语音短信费|话费|用量费|voice|voice fee|fee voice|语音通话费"
    "|国内通话费",
    "bills.data": "data|data charge|data fee|internet charge|data usage charge|流量费|数据费"
    "|上网费|流量费用|数据流量费",
    "bills.value_added": "value added|vas|value added services|vas charge|value added charge"
    "|增值业务费|增值费|增值业务|增值服务费|信息费",
    "bills.discount": "discount|discounts|rebate|allowance|credit|优惠|优惠金额|减免|折扣"
    "|减免金额|折扣金额|优惠减免",
    "bills.due_on": "due on|due|due date|payment due|payment due date|bill due date|pay by"
    "|payment deadline|payable by|payable until|payable on|缴费截止日|到期日|应缴日期|最后缴费日"
    "|缴费期限|付款期限|缴费截止日期"
    "|应缴日",
    "bills.paid_on": "paid on|paid date|payment date|paid at|pay date|settled on|received on"
    "|payment received|payment posted date|payment received on|posted date|缴费日期"
    "|付款日期|缴费时间|实缴日期|支付日期|销账日期|付款时间|到账日期",
    "bills.amount_paid": "pay amount|amount paid|paid|paid amount|payment|payment amount"
    "|received|received amount|amount received|实缴金额|已缴金额|付款金额|实收金额|缴费金额|实收"
    "|已付金额|实付金额",
    "calls.peer_id": "peer id|peer|other party|called number|b number|destination"
    "|opposite number|called party|to number|callee|other number|对端号码|对方号码|被叫号码|对端"
    "|对方|被叫|b party|b msisdn|dialled number|dialed number",
    "calls.started_at": "started at|start time|start|call date|call time|timestamp|message date"
    "|session date|begin time|date time|time|event time|date|开始时间|通话时间|起始时间|呼叫时间"
    "|通话开始时间|发生时间|发送时间",
    "calls.seconds": "seconds|duration|call duration|length|dur|billsec|通话时长|时长|时长秒"
    "|通话秒数|秒数",
    "calls.megabytes": "megabytes|mb|mb used|volume|data volume|traffic|data mb|kb|bytes"
    "|data used|流量|流量MB|数据流量|使用流量|上网流量",
    "calls.direction": "direction|call direction|in out|call type|呼叫方向|方向|主被叫|呼叫类型"
    "|主被叫标志|通话方向",
    "calls.kind": "kind|type|call type|record type|service|event type|usage type|业务类型|类型"
    "|话单类型|通信类型|使用类型",
    "calls.network": "network|peer network|operator|carrier|destination network|other network"
    "|网络|对端网络|对方网络|对端运营商|运营商|对方运营商|网间标志",
    "calls.charge": "charge|cost|fee|price|call charge|amount|费用|话费|通话费|计费金额|金额",
    "usage_monthly.month": "month|period|usage month|billing month|月份|统计月份|账期|统计月"
    "|用量月份|数据月份",
    "usage_monthly.voice_out_minutes": "voice out minutes|calling duration|calling minutes"
    "|outgoing minutes|mou out|minutes out"
    "|voice outgoing|voice og|og mou|mou og|outgoing mou"
    "|og minutes|voice mo|mo seconds|mo secs|outgoing seconds|voice seconds|voice secs"
    "|mo minutes|voice og minutes|minutes outgoing|voice out"
    "|out minutes|calls out minutes|主叫分钟数|主叫时长|去话分钟|主叫通话时长|主叫分钟"
    "|主叫通话分钟数",
    "usage_monthly.voice_in_minutes": "voice in minutes|called duration|called minutes"
    "|incoming minutes|mou in|minutes in"
    "|voice incoming|voice ic|ic mou|mou ic|incoming mou"
    "|ic minutes|voice mt|mt seconds|mt secs|incoming seconds|mt minutes"
    "|voice ic minutes|minutes incoming|voice in"
    "|in minutes|被叫分钟数|被叫时长|来话分钟|被叫通话时长|被叫分钟|被叫通话分钟数",
    "usage_monthly.competitor_minutes": "competitor minutes|off net minutes"
    "|minutes to competitors|other network minutes|异网分钟数|网外时长|异网通话时长"
    "|竞争对手分钟数|异网通话分钟数|网外通话时长",
    "usage_monthly.sms": "sms|messages|sms count|sms og|sms og count|sms mo|number of sms"
    "|sms sent|短信条数|短信数|短信量"
    "|短信发送量|texts|text|短信|点对点短信条数",
    "usage_monthly.megabytes": "megabytes|mb|data mb|data volume|data usage|gb|data gb|gb used"
    "|mb used"
    "|traffic mb|流量|流量KB|流量MB|上网流量|数据流量|流量GB|使用流量",
    "usage_monthly.charge": "charge|charges|usage charge|revenue|fee|费用|使用费|消费金额|计费金额",
    "usage_monthly.recharges": "recharges|top ups|recharge count|number of recharges|topups"
    "|充值次数|充值笔数|缴费次数",
    "usage_monthly.recharge_amount": "recharge amount|top up amount|recharged|topped up|充值金额"
    "|充值额|top up value|topup amount|recharge value|充值总额|缴费金额",
    "arrears.as_of": "as of|run date|as at|date|balance date"
    "|snapshot date|report date|status date|stat date"
    "|统计日期|欠费日期|截止日期|数据日期|余额日期|统计时间|日期|统计日",
    "arrears.amount_overdue": "amount overdue|overdue total"
    "|total past due|total past due amount|past due amount"
    "|past due|total overdue|total outstanding|total arrears"
    "|overdue amount|arrears|debt|overdue|amount|balance"
    "|outstanding|欠费金额|逾期金额|欠费|欠款金额|欠费总额|累计欠费|逾期总额",
    "arrears.days_overdue": "days overdue|overdue days|age days|days late|dpd|days in arrears"
    "|欠费天数|逾期天数|账龄|账龄天数|欠费时长|days past due|past due days|days outstanding"
    "|欠费账龄",
    "arrears.bills_overdue": "bills overdue|overdue bills|months overdue|invoices overdue"
    "|number of bills|欠费账期数|欠费月数|逾期账期数|欠费期数|逾期账单数|欠费月份数|逾期期数"
    "|owe months|months owed|invoices open"
    "|open invoices|unpaid bills|unpaid invoices|未缴账单数|欠费账单数",
    "recharges.at": "at|recharge time|recharge date|recharged at|top up time|top up date"
    "|refill date|date|time|timestamp|充值时间|充值日期|缴费时间|缴费日期|到账时间|交易时间|时间"
    "|voucher date|top up at|topped up at|topped up on",
    "recharges.amount": "amount|recharge amount|top up amount|recharged|value|refill amount"
    "|denomination|充值金额|充值额|缴费金额|金额|面值|交易金额|face value|voucher value",
    "recharges.balance_after": "balance after|balance|new balance|credit after|credit|账户余额"
    "|充值后余额|余额|变更后余额|账本余额",
    "plan_changes.changed_on": "changed on|change date|changed at|effective date|valid from|date"
    "|effective on|变更日期|变更时间|生效日期|生效时间|办理日期|办理时间|日期",
    "plan_changes.from_plan": "from plan|old plan|previous plan|plan before|from tariff"
    "|old tariff|from|old package|原套餐|变更前套餐|旧套餐|原资费|变更前资费|原套餐名称",
    "plan_changes.to_plan": "to plan|new plan|plan after|next plan|to tariff|new tariff|to"
    "|new package|新套餐|变更后套餐|现套餐|新资费|变更后资费|目标套餐|新套餐名称",
    "plan_changes.fee_change": "fee change|fee difference|price difference|price change"
    "|difference|月费变化|月费差额|费用变化|差额|资费差额|月费变动|档位差",
    "plan_changes.reason": "reason|cause|change reason|reason code|type|变更原因|原因|变更类型"
    "|办理原因",
    "status_events.effective_at": "effective at|actv date|when|event date|event time|change date"
    "|changed at|status date|effective date|date|timestamp|state since|valid from|change time"
    "|occurred at|生效时间|变更时间|生效日期|变更日期|状态时间|状态变更时间|发生时间|操作时间"
    "|状态生效时间|执行时间|mutation date|transaction date|action date|order complete timestamp"
    "|complete timestamp"
    "|completed on|completion date|complete date|竣工时间|完工时间|from|state from"
    "|状态开始时间|开始时间|开始日期|变动时间|变动日期"
    "|办理时间",
    "status_events.status": "status|event|state|st|new status|status code|event type|line status"
    "|action|activity code|activity type|activity|actv code|actv type|event code|action code"
    "|状态|用户状态|状态编码|变更后状态|新状态|状态名称|停机类型|服务状态|号码状态"
    "|状态代码|事件|动作|state code|state name|变动类型|业务动作|停复机类型|操作类型|mutation"
    "|mutation type|transaction|transaction type|movement",
    "status_events.reason": "reason|cause|reason code|change reason|comment|reason text|原因"
    "|变更原因|停机原因|原因编码|原因代码"
    "|操作原因代码|状态原因|离网原因|操作原因|why|变动原因|业务原因",
    "status_events.successor_id": "successor id|successor|new id|new number|new line|新用户编号"
    "|后继用户|新号码|接续用户编号|变更后用户编号|承接用户编号|后续用户编号|继任用户编号",
    "complaints.complaint_id": "complaint id|complaint|case id|ticket id|complaint no|ticket"
    "|case no|reference|投诉编号|投诉单号|工单编号|投诉工单号|工单号|受理单号|投诉流水号|单号"
    "|工单流水|投诉流水",
    "complaints.opened_at": "opened at|opened|created at|received at|complaint date|created|date"
    "|open time|reported at|received|受理时间|投诉时间|登记时间|创建时间|投诉日期|受理日期"
    "|立单时间|raised|raised at|raised on|logged at|filed at|投诉受理时间|created date|logged"
    "|case opened",
    "complaints.closed_at": "closed at|closed|resolved at|resolution date|solved at|completed at"
    "|close time|resolved|办结时间|结案时间|处理完成时间|归档时间|关闭时间|办结日期|完结时间"
    "|解决时间|solved|solved on|finished at|closed on|结单时间|回单时间|closed date",
    "complaints.category": "category|type|complaint type|topic|subject|complaint category|reason"
    "|投诉类别|投诉类型|投诉分类|类别|投诉原因|问题类型|类型|投诉内容分类|issue|issue type"
    "|problem|complaint reason|投诉大类|业务分类|case reason|case type",
    "complaints.escalated": "escalated|escalation|is escalated|escalated flag|escalate|是否升级"
    "|升级标志|升级|是否升级投诉|是否越级|越级|to supervisor|supervisor|escalated to supervisor"
    "|second level|是否上升|上升标志|升级投诉",
    "complaints.answered_at": "answered at|answered|first answer|first response"
    "|first response at|responded at|replied at|首次响应时间|首次回复时间|答复时间|回复时间"
    "|响应时间|首次联系时间",
    "complaints.satisfied": "satisfied|satisfaction|content|customer satisfied|是否满意|满意"
    "|客户是否满意|满意度|回访满意",
    "complaints.level": "level|complaint level|escalation level|severity|tier|投诉级别|投诉等级"
    "|级别|投诉层级|升级级别|投诉来源级别",
    "complaints.unit": "unit|department|responsible unit|handled by|team|handling unit|责任部门"
    "|处理部门|责任单位|处理单位|承办部门|部门|单位|受理部门",
    "faults.satisfied": "satisfied|satisfaction|customer satisfied|是否满意|满意|客户是否满意"
    "|满意度|回访满意",
    "faults.unit": "unit|department|team|repair unit|handled by|crew|处理部门|维护单位|责任部门"
    "|处理单位|责任单位|维修班组|班组|部门",
    "service_orders.satisfied": "satisfied|satisfaction|customer satisfied|是否满意|满意"
    "|客户是否满意|满意度|回访满意",
    "service_orders.unit": "unit|department|team|handled by|crew|处理部门|施工单位|责任部门"
    "|处理单位|施工班组|班组|部门|受理部门",
    "faults.fault_id": "fault id|fault|ticket id|incident id|ticket|incident|fault no|trouble id"
    "|故障编号|故障单号|障碍单号|工单编号|报障单号|故障流水号|工单号|单号|障碍编号",
    "faults.opened_at": "opened at|opened|reported at|created at|start time|reported|fault time"
    "|报障时间|申告时间|故障时间|受理时间|发生时间|报修时间|故障发生时间|上报时间|raised"
    "|raised at|logged at|故障申告时间",
    "faults.restored_at": "restored at|restored|repaired at|resolved at|fixed at|closed at"
    "|repaired|恢复时间|修复时间|排障时间|修复日期|处理完成时间|故障恢复时间|消障时间|solved"
    "|solved at|ended at|结单时间|回单时间",
    "faults.category": "category|type|fault type|cause|fault category|故障类别|故障类型|类别"
    "|障碍类型|故障分类|类型|故障现象|故障原因|障碍现象|障碍原因|障碍类别|root cause",
    "service_orders.order_id": "order id|order|order no|work order id|work order no|work order|wo"
    "|wo no|job id|工单编号|订单编号"
    "|订单号|工单号|受理编号|业务单号|单号",
    "service_orders.kind": "kind|order type|type|job type|order kind|service type|工单类型"
    "|业务类型|订单类型|类型|业务种类|受理类型|工单类别",
    "service_orders.ordered_on": "ordered on|ordered|order date|entered date|entered on"
    "|created on|request date"
    "|created at|受理日期|下单日期|受理时间|申请日期|订单日期|下单时间|派单日期",
    "service_orders.due_on": "due on|due|due date|promised on|promised date|appointment"
    "|commit date|scheduled date|scheduled on|scheduled|appointment date|承诺日期|预约日期"
    "|应完成日期|承诺完成日期|要求完成日期|约定日期|承诺时间"
    "|截止日期",
    "service_orders.done_on": "done on|done|completed on|completion date|finished|completed"
    "|closed on|完成日期|竣工日期|完工日期|竣工时间|完成时间|实际完成日期|归档日期",
    "surveys.answered_on": "answered on|answer date|survey date|date|response date|answered"
    "|回访日期|调查日期|答复日期|评价日期|回答日期|评分日期|反馈日期|答卷日期",
    "surveys.score": "score|satisfaction|rating|csat|nps|points|得分|满意度|评分|分数|满意度得分"
    "|打分",
    "visits.customer_id": "customer id|customer|customer no|client id|客户编号|客户号|客户标识"
    "|客户",
    "visits.visited_on": "visited on|visit date|date|visited|走访日期|拜访日期|走访时间|拜访时间"
    "|日期",
    "visits.by": "by|visited by|visitor|account manager|manager|走访人|拜访人|客户经理|走访人员"
    "|经办人",
    "visits.reason": "reason|purpose|visit reason|走访原因|拜访原因|走访事由|原因|事由|走访类型",
    "visits.outcome": "outcome|result|visit result|走访结果|拜访结果|结果|走访情况",
    "notices.notified_on": "notified on|notice date|sent on|date|notified|sent at|sent|告知日期"
    "|通知日期|催缴日期|发送日期|提醒日期|通知时间|告知时间|催费日期|下发日期",
    "notices.kind": "kind|notice type|type|notice kind|template|告知类型|通知类型|类型|催缴类型"
    "|告知类别|提醒类型|通知种类",
    "notices.channel": "channel|medium|via|渠道|通知渠道|告知渠道|方式|告知方式|通知方式|触达渠道",
    "port_queries": "port queries|port query|porting|port requests|mnp|携转查询|携号转网|携转"
    "|携转申请",
    "port_queries.on": "on|requested at|requested on"
    "|query date|asked on|date|request date|查询日期|查询时间|申请日期|日期"
    "|携转查询日期",
    "port_queries.kind": "kind|type|query type|request type|类型|查询类型|携转类型|业务类型",
    "campaign_contacts.contacted_on": "contacted on|contact date|date|contacted|call date"
    "|接触日期|外呼日期|营销日期|联系日期|接触时间|派单日期|触达日期",
    "campaign_contacts.campaign_id": "campaign id|campaign|campaign name|campaign code|活动编号"
    "|营销活动|活动名称|活动编码|活动ID|营销活动编号|活动",
    "campaign_contacts.arm": "arm|group|test group|control|treatment|组别|分组|对照组标志"
    "|实验分组|试验组|实验组别|是否对照组",
    "campaign_contacts.action": "action|offer|action code|动作|措施|优惠方案|营销措施|挽留措施"
    "|维系动作|维系措施|挽留方案",
    "campaign_contacts.channel": "channel|medium|渠道|接触渠道|触点|方式|营销渠道|触达渠道"
    "|联系渠道",
    "campaign_contacts.assigned_to": "assigned to|agent|assignee|handled by|operator id|执行人"
    "|负责人|坐席|客服工号|外呼人员|分派对象|派单对象|经办人|指派人员|指派给|分配人员",
    "campaign_contacts.answer": "answer|response|result|outcome|reply|答复|客户反馈|反馈"
    "|接触结果|客户回复|客户答复|反馈结果|回应",
    "campaign_contacts.checked": "checked|verified|call back|quality checked|是否回访|回访标志"
    "|已核查|质检|是否核查|是否核实|是否质检|是否复核|已核实|已复核|已检查",
    "campaign_contacts.cost": "cost|contact cost|price|成本|费用|接触成本|营销成本",
    "campaign_contacts.control_share": "control share|share of control|control rate|对照比例"
    "|对照组占比|对照组比例|对照占比",
}

#: What a subscriber's file calls the day on which its line ended.
ENDED = (
    "churn date|end date|termination date|cancel date|cancellation date|deactivation date"
    "|left on|disconnect date|disconnection date|closed on|closing date|terminated on|exit date"
    "|churned on|ended on|ended at|deactivated on|disconnected on|disco date|service stop"
    "|remove date|removed on|removal date|finish date|off net date"
    "|logout date"
    "|ceased at|termination|closure date|关户日期|关户时间|终止日期"
    "|离网日期|离网时间|销户日期|拆机日期|注销日期|退网日期|销户时间|拆机时间"
    "|销号日期|流失日期|service end|service end date|ceased on|cease date|end of service"
    "|kündigungsdatum|gekündigt zum|gekündigt am|abmeldedatum|abschaltung|abschaltdatum|produktende"
    "|dienstende|deaktiviert am|date de résiliation|résilié le|date de fin|fecha de baja"
    "|fecha de cancelación"
)

#: What it calls the days on which a line was cut off and put through again, last of all.
STOPPED = (
    "stop date|stopped on|suspend date|suspension date|suspended on|suspended at|barred on|bar date"
    "|停机日期|停机时间|欠费停机时间|欠费停机日期|最近停机时间|最近停机日期|双停时间"
)
RESUMED = (
    "reopen date|reopened on|resume date|resumed on|restore date|restored on|restoration date"
    "|reconnect date|reconnection date|reconnected on|reactivation date|reactivated on"
    "|unsuspend date|unbarred on|复机日期|复机时间|开机时间|最近复机时间|最近复机日期|复通时间"
)
#: What the column beside it calls the kind of the cut, or its reason.
STOPPED_FOR = (
    "stop type|stop reason|suspension reason|suspend reason|suspension type|bar reason|bar type"
    "|停机类型|停机原因|停机方式"
)

#: What the column beside it calls the reason.
ENDED_FOR = (
    "termination reason|end reason|churn reason|cancellation reason|cancel reason"
    "|reason for leaving"
    "|disconnect reason|disconnection reason|deactivation reason|termination type|end type"
    "|离网原因|离网类型|离网方式|销户原因|拆机原因|注销原因|流失原因"
    "|beendigungsgrund|kündigungsgrund|kündigungsart|abgangsgrund|motif de résiliation"
    "|motivo de baja|causa de baja"
)

#: What reasons call debt, beside the words that call a state so.
DEBT = (
    "debt|bad debt|non payment|nonpayment|non pay|nonpay|unpaid|unpaid bill|arrears|overdue"
    "|delinquent|delinquency|failure to pay|failed to pay|did not pay|no payment|collections"
    "|credit control|payment default|returned payment|write off|written off|欠费|欠款|逾期|未缴费"
    "|坏账|呆账|信控|强拆|催缴"
)

#: What the line below the rows of a table has in place of an id.
TOTALS = (
    "合计|总计|小计|共计|汇总|total|totals|sum|grand total|subtotal|total services|total rows"
    "|summe|gesamt|gesamtsumme|zwischensumme|somme|total général|suma|total general"
)

_SATISFIED = {
    "true": "satisfied|content|happy|满意|非常满意|基本满意",
    "false": "not satisfied|dissatisfied|unsatisfied|unhappy|不满意|非常不满意|不满",
}

_VALUES: Mapping[str, Mapping[str, str]] = {
    "subscribers.product": {
        "mobile": "mobile|mob|cell|cellular|gsm|lte|wireless|4g|5g|sim|sim only|手机|移动"
        "|移动电话|移网"
        "|移动业务|mobil",
        "fixed": "fixed|fix|tel|landline|pstn|telephone|fixed line|voip|vo ip|home phone|home voice"
        "|digital voice"
        "|phone line|固话|固定电话|座机|固网|固定|普通电话|电话"
        "|市话",
        "broadband": "broadband|net|internet|hsd|hsi|high speed data|dsl|fiber|fibre|ftth|adsl"
        "|fiber optic|cable|bb|宽带"
        "|光宽|固定宽带|家庭宽带|光纤|固网宽带|有线宽带",
        "leased": "leased|leased line|dedicated|dedicated internet|metro ethernet|private line"
        "|mpls|专线|互联网专线|电路|数据专线"
        "|专线电路",
        "other": "other|others|其他|其它|iptv|itv|tv|电视",
    },
    "subscribers.payment": {
        "prepaid": "prepaid|prepay|pre paid|pre|ppd|payg|pay as you go|预付|预付费|先付"
        "|先付费|预缴",
        "postpaid": "postpaid|postpay|post paid|post|contract|credit|subscription|后付"
        "|后付费|信用|月结",
    },
    "subscribers.role": {
        "main": "main|primary|principal|master|主卡|主号|主号码|主用|普通",
        "companion": "companion|secondary|supplementary|additional|sub card|child|shared|副卡"
        "|副号|附属卡|副号码|成员|亲情卡",
        "machine": "machine|m2m|iot|telemetry|meter|物联网|物联网卡|机器卡|机器|物联",
        "staff": "staff|employee|internal|company|员工|内部员工|公免|公务|内部|公务号",
        "test": "test|testing|测试|测试卡|测试号|测试号码",
        "dealer": "dealer|reseller|agent|代理商|渠道商|代理|空中充值号|代理商号码",
    },
    "subscribers.key_account_classes": {
        "important": "important|重要|重要客户|vip|党政军",
        "high_value": "high value|high|高值|高价值|高值客户",
        "group": "group|集团|集团客户|corporate",
        "strategic": "strategic|战略|战略客户",
        "potential": "potential|潜在|潜力|潜在大客户",
    },
    "subscribers.opt_outs": {
        "call": "call|calls|phone|voice|电话|外呼|语音|来电",
        "sms": "sms|text|message|短信|彩信",
        "email": "email|mail|e mail|邮件|电子邮件|邮箱",
        "visit": "visit|visits|上门|走访|拜访",
        "app": "app|push|应用|客户端|手机应用|掌厅",
        "letter": "letter|post|信函|信件|邮寄|直邮|函件",
        "call:marketing": "telemarketing|sales calls|营销电话|电话营销|外呼营销|推销电话",
        "sms:marketing": "marketing sms|promotional sms|sms marketing|营销短信|短信营销|推销短信"
        "|广告短信",
        "email:marketing": "newsletter|marketing email|email marketing|营销邮件|邮件营销",
    },
    "calls.direction": {
        "out": "out|outgoing|mo|o|originating|outbound|caller|主叫|去话|呼出|发送|主|拨出|发出"
        "|上行",
        "in": "in|incoming|mt|i|terminating|inbound|callee|被叫|来话|呼入|接收|被|拨入|收到|下行",
    },
    "calls.kind": {
        "voice": "voice|call|calls|v|tel|语音|通话|话音|电话",
        "sms": "sms|text|message|s|mms|短信|彩信|短消息|点对点短信",
        "data": "data|internet|gprs|d|session|流量|上网|数据|数据业务|gprs流量",
    },
    "calls.network": {
        "own": "own|on net|onnet|home|internal|网内|本网|自有|本网络|内网|自网",
        "competitor": "competitor|off net|offnet|other|rival|网外|异网|竞争|他网|对手|外网|友商"
        "|竞争对手",
        "fixed": "fixed|landline|pstn|固网|固话|固定|固定电话|座机",
        "international": "international|intl|abroad|foreign|国际|国际长途|境外|港澳台",
    },
    "complaints.category": {
        "network": "network|coverage|quality|signal|speed|technical|outage|reception|no service"
        "|dropped calls|网络|网络质量|信号|网速|覆盖"
        "|掉话",
        "charges": "charges|charge|billing|bill|fee|price|payment|tariff|invoice|balance|deduction"
        "|balance deduction|overcharged|refund|资费|费用|计费"
        "|账单|收费|资费争议|扣费|话费|账务",
        "value_added": "value added|vas|value added services|subscription|premium|premium sms"
        "|premium services|third party|3rd party|unauthorized|unauthorised|content services|增值"
        "|增值业务|订购"
        "|增值服务|代收费",
        "service": "service|attitude|staff|support|customer service|service attitude|delay|agent"
        "|behaviour|behavior|courtesy|服务"
        "|服务态度|客服|服务质量|营业厅|办理|rude|waiting",
    },
    "complaints.level": {
        "unit": "unit|first|first line|branch|shop|l1|基层|一般|普通|营业厅|本单位|部门",
        "supervisor": "supervisor|manager|second|second line|headquarters|l2|主管|升级|越级|上级"
        "|省公司|总部|集团",
        "regulator": "regulator|ombudsman|ministry|authority|l3|工信部|申诉|监管|管局|通管局"
        "|12300|12315|监管机构",
    },
    "complaints.satisfied": _SATISFIED,
    "faults.satisfied": _SATISFIED,
    "service_orders.satisfied": _SATISFIED,
    "plan_changes.reason": {
        "asked": "asked|requested|customer|request|customer request|主动|客户申请|用户申请|申请"
        "|客户要求|主动变更",
        "offer_ended": "offer ended|promotion ended|expired|expiry|end of promotion|优惠到期"
        "|活动到期|到期|合约到期|优惠结束",
        "other": "other|others|system|migration|save|retention|其他|其它|系统|系统变更|挽留|维系",
    },
    "complaints.escalated": {
        "true": "escalated|已升级|升级|越级",
        "false": "not escalated|未升级|普通",
    },
    "campaign_contacts.checked": {
        "true": "checked|verified|已核查|已回访|已质检|已核实|已检查",
        "false": "not checked|unverified|未核查|未回访|未质检|未核实|未检查",
    },
    "service_orders.kind": {
        "install": "install|installation|new|new line|provide|activation|新装|安装|开通|装机|新开",
        "move": "move|relocation|transfer|移机|迁移|移装|搬迁",
        "speed_up": "speed up|upgrade|speed|bandwidth|提速|升速|升级|提速升级",
        "cut_over": "cut over|cutover|migration|割接|改造|光改",
        "other": "other|others|repair|cancel|其他|其它|拆机|变更",
    },
    "port_queries.kind": {
        "asked": "asked|pac|stac|query|inquiry|enquiry|check|查询|咨询",
        "applied": "applied|application|request|requested|apply|申请|已申请|办理",
    },
    "campaign_contacts.arm": {
        "treated": "treated|treatment|test|target|t|contacted|实验组|试验组|营销组|目标组|接触组"
        "|处理组|干预组|干预|实验|试验",
        "control": "control|c|holdout|对照组|控制组|空白组|对照|留白组",
    },
}
_OF_TONGUES = (_NAMES, tongues.NAMES)
#: Table, or table and column: what operators call it. Alternatives stand between bars.
NAMES: Mapping[str, str] = {
    key: "|".join(filter(None, (names.get(key) for names in _OF_TONGUES)))
    for key in dict.fromkeys(key for names in _OF_TONGUES for key in names)
}
#: Table, column and canonical value: what operators write. The longest word that a value holds
#: decides; a word of one or two letters must be the whole value.
VALUES: Mapping[str, Mapping[str, str]] = {
    key: {
        value: "|".join(filter(None, (words, tongues.VALUES.get(key, {}).get(value))))
        for value, words in listed.items()
    }
    for key, listed in _VALUES.items()
}
OTHER = "other"  # of a vocabulary that has it: what all else is

#: What a flag of who went is called: whoever ended it, or the operator for debt.
OUTCOMES: Mapping[str, str] = {
    "any": "churn|churned|churn flag|is churn|left flag|target|churn next month"
    "|流失|是否流失|流失标志|离网标志|是否离网",
    "passive": "default|default payment next month|defaulted|default next month|是否违约|违约"
    "|欠费离网标志",
}
