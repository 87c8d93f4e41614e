# What is added up can be known: 0, 1 or 2, so that a row for 2 is missing.
/id="Shares"/,/<\/decision>/{
s|<informationRequirement>|&<requiredInput href="#lock"/></informationRequirement>&|
s|typeRef="boolean"><text>electric|typeRef="number"><text>(if electric then 1 else 0) + (if lock = "art2" then 0 else 1)|
s|<text>true</text>|<text>1</text>|
s|<text>false</text>|<text>0</text>|
}
