/** What the desktop says outside its window: menus, dialogs, tray, notifications. The window's words are its own. */
import type { Language } from '../../engine/contract/messages/settings.ts';

const en = {
  file: 'File',
  newProject: 'New project…',
  open: 'Open…',
  settings: 'Settings…',
  sections: 'Go',
  search: 'Search commands',
  shortcuts: 'Keyboard shortcuts',
  paper: 'Decoupled DMD: the paper',
  show: 'Show Stillroom',
  quit: 'Quit',
  training: 'A run is training',
  trainingDetail: 'What is saved stays saved, whatever you choose.',
  keepRunning: 'Keep running',
  pauseAndQuit: 'Pause and quit',
  cancel: 'Cancel',
  done: (run: string) => `“${run}” is done.`,
  failed: (run: string) => `“${run}” has stopped with an error.`,
  diskFull: (run: string) => `The disk is full: “${run}” waits for room.`,
  retuned: (run: string, fork: string) =>
    `“${run}” went wrong and goes on as “${fork}” with changed settings.`,
  progress: (percent: number) => `Stillroom: ${percent} %`,
  saveProject: 'Save the project as a file',
  choose: {
    pictures: 'Choose a folder of pictures',
    folder: 'Choose a folder for the data',
    zip: 'Choose a zip of pictures',
    prompts: 'Choose a text of prompts',
    model: 'Choose a model',
    archive: 'Choose a Stillroom project or engine',
  },
};
export type DesktopWords = typeof en;

const zhCN: DesktopWords = {
  file: '文件',
  newProject: '新建项目…',
  open: '打开…',
  settings: '设置…',
  sections: '前往',
  search: '搜索命令',
  shortcuts: '键盘快捷键',
  paper: 'Decoupled DMD 论文',
  show: '显示 Stillroom',
  quit: '退出',
  training: '正在训练',
  trainingDetail: '无论选择什么，已保存的内容都会保留。',
  keepRunning: '继续运行',
  pauseAndQuit: '暂停并退出',
  cancel: '取消',
  done: (run) => `“${run}”已完成。`,
  failed: (run) => `“${run}”因错误而停止。`,
  diskFull: (run) => `磁盘空间不足：“${run}”正在等待空间。`,
  retuned: (run, fork) => `“${run}”出了问题，正以修改后的设置作为“${fork}”继续。`,
  progress: (percent) => `Stillroom：${percent} %`,
  saveProject: '将项目保存为文件',
  choose: {
    pictures: '选择图片文件夹',
    folder: '选择数据文件夹',
    zip: '选择图片 zip',
    prompts: '选择提示词文本',
    model: '选择模型',
    archive: '选择 Stillroom 项目或引擎',
  },
};

const ja: DesktopWords = {
  file: 'ファイル',
  newProject: '新規プロジェクト…',
  open: '開く…',
  settings: '設定…',
  sections: '移動',
  search: 'コマンドを検索',
  shortcuts: 'キーボードショートカット',
  paper: 'Decoupled DMD の論文',
  show: 'Stillroom を表示',
  quit: '終了',
  training: '学習中です',
  trainingDetail: 'どれを選んでも、保存済みのものは残ります。',
  keepRunning: '実行を続ける',
  pauseAndQuit: '一時停止して終了',
  cancel: 'キャンセル',
  done: (run) => `「${run}」が完了しました。`,
  failed: (run) => `「${run}」はエラーで停止しました。`,
  diskFull: (run) => `ディスクの空きがありません。「${run}」は空きを待っています。`,
  retuned: (run, fork) => `「${run}」に問題が生じ、設定を変えて「${fork}」として続いています。`,
  progress: (percent) => `Stillroom：${percent} %`,
  saveProject: 'プロジェクトをファイルに保存',
  choose: {
    pictures: '画像フォルダを選択',
    folder: 'データフォルダを選択',
    zip: '画像の zip を選択',
    prompts: 'プロンプトのテキストを選択',
    model: 'モデルを選択',
    archive: 'Stillroom のプロジェクトかエンジンを選択',
  },
};

/** @param locale the computer's own, e.g. `ja-JP` */
export function desktopWords(language: Language, locale: string): DesktopWords {
  const wanted = language === 'system' ? locale : language;
  if (wanted.startsWith('zh')) return zhCN;
  return wanted.startsWith('ja') ? ja : en;
}
