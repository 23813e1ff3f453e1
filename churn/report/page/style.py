"""The page's style sheet: system fonts, one column on a phone, two on a desk, and paper."""

from __future__ import annotations

from churn.report.page.markup import Markup

# Ratios of text to ground are 4.5 or more; series differ by dash as well as by colour.
STYLE = Markup("""
:root{--ink:#1b2430;--soft:#4c5867;--line:#d5dbe3;--ground:#fff;--wash:#f3f6f9;--blue:#0b5cad;
--orange:#b4500a;--green:#12704a;--violet:#6b3fa0;--red:#a61b1b}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC",
"Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.35rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:2px solid var(--ink)}
h3{font-size:1.1rem;margin:1.75rem 0 .5rem}
h4{font-size:1rem;margin:0 0 .35rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--blue)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--blue);
outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:#fff;padding:.5rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;padding:0;margin:.75rem 0}
.lead{font-size:1.15rem;margin:.25rem 0}
small,figcaption,caption,.told,.soft{color:var(--soft)}
small{display:block;font-size:.82rem;font-weight:400}
.warning,.good,.bad{border-left:4px solid var(--orange);background:var(--wash);
padding:.6rem .9rem;margin:.75rem 0;max-width:60rem}
.good{border-color:var(--green)}.bad{border-color:var(--red)}
.warning>:first-child,.good>:first-child,.bad>:first-child{margin-top:0}
.warning ul,.good ul,.bad ul{margin:.25rem 0;padding-left:1.2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;
margin:1rem 0}
.tiles div{max-width:24rem;background:var(--wash);border:1px solid var(--line);border-radius:6px;
padding:.7rem .85rem}
.tiles dt{color:var(--soft);font-size:.88rem}
.tiles dd{margin:0;font-size:1.45rem;font-weight:650;line-height:1.3;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.whole{white-space:nowrap}
table{border-collapse:collapse;width:100%;margin:.75rem 0 1.25rem;font-size:.92rem}
caption{text-align:left;padding:0 0 .4rem;font-size:.92rem;font-weight:600;color:var(--ink)}
th,td{text-align:left;vertical-align:top;padding:.38rem .6rem;border-bottom:1px solid var(--line);
unicode-bidi:isolate;overflow-wrap:anywhere}
thead th{border-bottom:2px solid var(--soft);font-size:.85rem;vertical-align:bottom;
overflow-wrap:normal;text-wrap:balance}
tbody th{font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums}
.people td:nth-child(3){overflow-wrap:break-word}
.people thead th:last-child{width:38%}.people thead th:nth-child(2){width:16%}
.people thead th:nth-child(3){width:13%}
td.number .value{white-space:nowrap}td.number .value small{white-space:normal}
.nights tbody th,.nights .yes,.nights .no{white-space:nowrap}
.scroll{overflow-x:auto}
.scroll th,.scroll td{overflow-wrap:normal}
td ol,td ul{margin:0;padding-left:1.15rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));
gap:1rem 2rem;align-items:start}
.columns>div{min-width:0}
figure{margin:1rem 0;min-width:0}
figure h3,figure h4{font-size:1rem;margin:0 0 .35rem}
figure svg:not(.mark):not(.bar){display:block;width:100%;max-width:34rem;height:auto}
figcaption{font-size:.88rem;max-width:34rem}
svg text{font-size:11px;fill:var(--soft);font-family:inherit}
svg .middle{text-anchor:middle}svg .end{text-anchor:end}
.grid{stroke:var(--line)}.zero{stroke:var(--soft)}
.line{fill:none;stroke-width:2.2;stroke-linejoin:round}
.whisker{stroke-width:1.6}
.s0{stroke:var(--blue);--tone:var(--blue)}
.s1{stroke:var(--orange);stroke-dasharray:7 3;--tone:var(--orange)}
.s2{stroke:var(--green);stroke-dasharray:2 3;--tone:var(--green)}
.s3{stroke:var(--violet);stroke-dasharray:9 3 2 3;--tone:var(--violet)}
.s4{stroke:var(--soft);stroke-dasharray:4 4;stroke-width:1.3;--tone:var(--soft)}
.dot{fill:var(--tone)}.hollow{fill:#fff;stroke-width:2}
.dot,.hollow,.whisker{stroke-dasharray:none}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;margin:.25rem 0;
font-size:.88rem}
.mark{width:24px;height:12px;margin-right:.35rem;vertical-align:baseline}
.bar{display:inline-block;width:100%;min-width:5rem;max-width:14rem;height:.7rem;
vertical-align:middle}
.bar.wide{max-width:46rem;height:1.1rem}
.rail{fill:#e4e9ef}.fill{stroke:none}.tick{fill:var(--ink);stroke:none}
.fill.s0,.fill.calm{fill:var(--blue)}.fill.s1{fill:#c9854f}.fill.risky{fill:var(--orange)}
.tree,.tree ul{list-style:none;margin:0;padding:0}
.tree ul{margin-left:.55rem;padding-left:.8rem;border-left:2px solid var(--line)}
.tree li{margin:0}
.tree .node,.tree .leaf{display:grid;grid-template-columns:minmax(0,1fr) 8rem 21rem;gap:.1rem 1rem;
align-items:center;padding:.18rem 0;font-size:.92rem}
.tree .node .condition{color:var(--soft)}
.tree .rule{display:inline-block;margin-right:.5rem;padding:0 .4rem;border-radius:4px;
background:var(--wash);border:1px solid var(--line);font-size:.82rem;white-space:nowrap}
.told{font-size:.85rem;font-variant-numeric:tabular-nums}
details{margin:.35rem 0}
summary{cursor:pointer;color:var(--blue)}
td details{font-size:.88rem;color:var(--soft)}
fieldset{border:1px solid var(--line);border-radius:6px;background:var(--wash);margin:1rem 0 .5rem;
padding:.5rem .9rem;min-width:0}
legend{font-weight:600;padding:0 .35rem}
.pick{display:flex;flex-wrap:wrap;gap:.5rem 1rem}
.pick div{display:flex;flex-direction:column;max-width:100%}
.pick label{font-size:.85rem;color:var(--soft)}
select{font:inherit;font-size:.95rem;color:inherit;background:#fff;border:1px solid var(--soft);
border-radius:4px;padding:.3rem .4rem;min-height:2.2rem;max-width:15rem}
select:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
.picked{counter-reset:shown}
.picked tbody tr{counter-increment:shown}
.picked{display:flex;flex-direction:column}
.picked fieldset{order:-2}.counted{order:-1;margin:0}.counted::after{content:counter(shown)}
.picked:has([id$="-order"] .any:checked) :is(table,thead,tbody,tr){display:grid;
grid-template-columns:subgrid;grid-column:1/-1}
.picked:has([id$="-order"] .any:checked) table{grid-template-columns:3rem minmax(8rem,16%)
minmax(7rem,1fr) 7rem 7rem 7rem 38%}
.picked:has([id$="-order"] .any:checked) caption{display:block;grid-column:1/-1}
.picked:has([id$="-order"] .any:checked) tbody{reading-flow:grid-order}
.yes{color:var(--green);font-weight:600}.no{color:var(--red);font-weight:600}
.open{color:var(--orange);font-weight:600}
footer{margin:3rem auto 2rem;border-top:1px solid var(--line);padding-top:.75rem;font-size:.88rem;
color:var(--soft);overflow-wrap:anywhere}
@media screen and (max-width:760px){
h1{font-size:1.4rem}
.stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stacked,.stacked tbody,.stacked tr,.stacked caption{display:block}
.stacked tr{border:1px solid var(--line);border-radius:6px;padding:.35rem .7rem;margin:.6rem 0}
.stacked th,.stacked td{display:flex;gap:1rem;justify-content:space-between;border:0;
padding:.18rem 0;text-align:left}
.stacked td::before{content:attr(data-label);color:var(--soft);flex:0 0 40%}
.stacked td .value{flex:1;text-align:right;min-width:0}
.stacked td .value:has(ol,ul,details){text-align:left}
.people td:last-child{display:block}
.people td:last-child::before{display:block}
.people td:last-child .value{display:block}
.stacked tbody th{font-size:1rem;border-bottom:1px solid var(--line)}
.tree .node,.tree .leaf{grid-template-columns:minmax(0,1fr)}
.tree ul{margin-left:.15rem;padding-left:.5rem}
.tree li>div{padding:.3rem 0}
.bar{max-width:none;min-width:3rem}
.picked:has([id$="-order"] .any:checked) :is(table,tbody,tr){grid-template-columns:minmax(0,1fr)}
.pick{gap:.4rem .8rem}.pick div{width:calc(50% - .4rem)}.pick select{width:100%;max-width:none}
}
@media print{
@page{margin:14mm}
html{font-size:10.5px}
body{font-size:1rem}
.columns{grid-template-columns:repeat(3,minmax(0,1fr));gap:1rem}
.tree .node,.tree .leaf{grid-template-columns:minmax(0,1fr) 8rem 21rem;break-inside:avoid}
header,main,footer{max-width:none;padding:0}
nav,.skip,fieldset,details:not([open]){display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
h2,h3,h4,caption{break-after:avoid}
figure,tr,.tiles div,.warning,.good,.bad{break-inside:avoid}
.scroll{overflow:visible}
a{color:inherit;text-decoration:none}
}
""")
