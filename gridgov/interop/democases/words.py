"""What the people of the demo city write into the files: short, in Chinese, about nobody in particular."""

from __future__ import annotations

from collections.abc import Mapping

from gridgov.cases.rules import Action

REASONS: Mapping[Action, tuple[str, ...]] = {
    Action.REFUSE: (
        "属商业纠纷，建议通过消费者投诉渠道反映",
        "属司法程序中事项，不在受理范围",
        "重复反映，前案已办结并答复",
    ),
    Action.ASK_RETURN: (
        "该路段已移交养护单位，非我单位职责",
        "经现场核实属小区内部公共区域",
        "权属不清，申请退回重新研判",
    ),
    Action.DECLINE_RETURN: ("责任清单明确由贵单位牵头，请继续处置", "权属清楚，不予退回"),
    Action.DISPUTE: ("多部门均认为不属本单位职责，提请裁定", "清单无对应事项，提请明确主责"),
    Action.RULE: ("由该单位牵头办理，并列入先例", "依据属地与行业监管职责，明确主责单位"),
    Action.ASK_EXTENSION: (
        "需采购专用配件，预计到货后完成",
        "施工需避开交通高峰，申请延期",
        "涉及管线协调，申请延长时限",
    ),
    Action.DECLINE_EXTENSION: ("事项简单，应在原时限内完成",),
    Action.ASK_SUSPENSION: ("纳入老旧小区改造计划，待立项后实施", "涉及诉讼，待判决后处置"),
    Action.SUSPEND: ("同意挂账，到期复核",),
    Action.CHECK_AT_DESK: ("前后照片对比清楚，问题已解决", "系统回传照片显示已恢复"),
    Action.REWORK: ("现场仍有残留，请重新清理", "修复面不平整，未达标准"),
    Action.REOPEN: ("回访发现问题反弹", "市民再次反映，重新立案"),
    Action.CANCEL: ("误立案，作废", "测试录入，作废"),
    Action.MERGE: ("与前案为同一事项",),
    Action.UNMERGE: ("经核实为相邻的另一处",),
    Action.FORCE_CLOSE: ("长期无法推进，已转专项整治，区级强制结案",),
    Action.ESCALATE: ("本级无执法权限，上报处置", "需上级协调资金与队伍"),
    Action.ORDER: ("属准入事项，请属地落实日常管护",),
    Action.DECLINE_APPROVAL: ("材料不全，补充后再报",),
    Action.WHISTLE: (
        "多次反弹，街道单独难以解决，需部门到场",
        "涉及多个执法主体，请联合处置",
        "群众反映集中，需限期解决",
        "存在安全隐患，请立即到场",
    ),
    Action.SUMMON: ("现场发现涉及其他部门职责，增派",),
    Action.WITHDRAW_WHISTLE: ("问题已自行解决，撤回哨声",),
    Action.SUMMONS_RETURN: ("该事项不在本部门职责范围", "已由上级专班统一处置"),
    Action.SUMMONS_DECLINE: ("清单明确由贵部门配合，请到场",),
    Action.SUMMONS_REFUSE: ("本部门无执法依据，不予应哨",),
    Action.SUMMONS_DISPUTE: ("与牵头部门职责划分不一致，提请裁定",),
    Action.SUMMONS_RULE: ("经研究，按清单履行配合职责", "情况属实，解除应哨"),
    Action.SUMMONS_EXTEND: ("需调集设备，申请延期",),
    Action.SUMMONS_DENY: ("请在原时限内完成",),
    Action.SUMMONS_REWORK: ("反馈与现场不符，请重新处置",),
    Action.RATE: ("到场及时，处置彻底", "配合较好，仍需巩固", "到场较晚，效果一般", "未形成长效，需跟进"),
    Action.RATE_INTERIM: ("阶段性任务按计划推进", "进度偏慢，请加快"),
}
TEXTS: Mapping[Action, tuple[str, ...]] = {
    Action.HANDLE_ON_SPOT: ("现场随手清理完毕", "已劝离并恢复秩序", "已扶正复位"),
    Action.ANSWER: ("已派人处置完毕，附前后照片", "已清理并加强巡查", "已修复，恢复正常使用", "已现场教育并整改到位"),
    Action.PASS_CHECK: ("现场核查，问题已解决", "现场干净，予以通过"),
    Action.FEED_BACK: ("您反映的问题已处置，感谢监督", "已完成整改，欢迎继续反映"),
    Action.REPLY: ("代表您好：所提事项已办理完毕，现将办理情况答复如下。",),
    Action.ADD_TASK: ("请配合做好交通疏导", "请协助提供管线图", "请派员到场见证"),
    Action.FINISH_TASK: ("已配合完成",),
    Action.ASK_APPROVAL: ("涉及廉政风险点，请复核处置方案",),
    Action.NOTE: ("已电话联系现场，等待材料", "下次巡查时重点查看", "该点位为高发点"),
    Action.CONTACT: ("已与街道联系，约定到场时间", "已电话沟通现场情况"),
    Action.REPORT_BACK: ("已到场联合执法，问题解决", "已按职责完成处置", "已发放整改通知并复查"),
    Action.CONVENE: ("现场集合，联合整治", "召开现场会，明确分工"),
    Action.CONCLUDE: ("各部门均已到场并完成，销哨",),
}
