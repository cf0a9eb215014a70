/** What a text is made of, without any of its values: `{'user': <3>, 'ids': [<number>]}`. */
export function shapeOf(text: string): string {
  return text
    .replace(/'(?:[^'\\\n]|\\.){0,4096}'|"(?:[^"\\\n]|\\.){0,4096}"/g, (quoted, at: number) =>
      /^\s{0,2}:/.test(text.slice(at + quoted.length, at + quoted.length + 3)) && quoted.length <= 66
        ? keyOf(quoted)
        : `<${quoted.length - 2}>`,
    )
    .replace(/[^\s'"<>(){}[\],:]+(?![^<]{0,6}>)(?!['"])/g, (word) =>
      /^[<\d>]+$/.test(word) && word.startsWith('<') ? word : kindOf(word),
    );
}

function keyOf(quoted: string): string {
  return /^['"][A-Za-z_][\w.-]{0,63}['"]$/.test(quoted) ? quoted : `<${quoted.length - 2}>`;
}

function kindOf(word: string): string {
  if (/^-?\d+(?:\.\d+)?$/.test(word)) return '<number>';
  if (word === 'None' || word === 'True' || word === 'False' || word === '...') return word;
  return '<text>';
}
