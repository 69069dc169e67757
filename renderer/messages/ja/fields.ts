import type { FieldBounds } from '../../../engine/contract/fieldBounds.ts';
import type { Words } from '../en.ts';

/** A setting's label and help. */
const says = (label: string, help: string) => ({ label, help });

/** A number's bounds in words. */
function needs(bounds: FieldBounds): string {
  switch (bounds.kind) {
    case 'number': {
      const { whole, above, minimum, maximum } = bounds;
      const kind = whole ? '整数' : '数';
      return above
        ? `${minimum} より大きく ${maximum} 以下の${kind}にしてください。`
        : `${minimum}〜${maximum} の${kind}にしてください。`;
    }
    case 'choice':
      return `次のいずれかにしてください：${bounds.values.join('、')}。`;
    case 'text':
      return `1〜${bounds.most} 文字にしてください。`;
    case 'fixed':
      return `${bounds.value} にしてください。`;
  }
}

export const fields: Words['fields'] = {
  recipe: {
    version: says('バージョン', 'この形式のバージョン。'),
    name: says('名前', 'ギャラリーでの生徒の名前。'),
    seed: says('シード', 'すべての乱数を決めます。同じレシピとシードからは同じ生徒ができます。'),
    teacher: says('教師', '蒸留するモデル。付属の emoji か toy、または教師のフォルダー。'),
    data: says(
      'データ',
      '説明文と画像統計の出どころ。demo、toy、画像のフォルダーや zip。画像がなければ classes（教師のクラス）か、一行に一つのプロンプトを書いた .txt。',
    ),
    method: says(
      '手法',
      'decoupled-dmd は分布を合わせます。phased（Phased DMD）はノイズからデータへ段階的に行います。consistency（LCM と同様）と progressive は教師自身の道筋をたどる、比較用の手法です。',
    ),
    'student.steps': says('ステップ数', '生徒が一枚に要するネットワーク評価の回数。'),
    'student.shift': says(
      '時刻のシフト',
      '1 より大きいとステップがノイズ側へ寄ります。大きな画像では 3 が一般的です。',
    ),
    'student.emaDecay': says('重みの平均', '生徒の重みの移動平均の減衰。高いほど滑らかで遅くなります。'),
    'guidance.scale': says(
      'ガイダンスの強さ',
      'α。CA が条件へ押す強さで、教師自身のガイダンスの強さに当たります。',
    ),
    'cfgAugmentation.weight': says(
      'CA の重み',
      '槍。生徒を少ステップのモデルに変えます。単独では彩度が上がりすぎます。0 で無効。',
    ),
    'cfgAugmentation.rangeMin': says(
      '最もノイズの多い水準',
      'CA が引く τ の最小値。0 は純粋なノイズで、構図と色が決まるところ。',
    ),
    'cfgAugmentation.rangeMax': says(
      '最もきれいな水準',
      'CA が引く τ の最大値。1 はきれいな画像で、質感だけが残るところ。',
    ),
    'distributionMatching.weight': says(
      'DM の重み',
      '盾。CA の作るアラを打ち消します。単独では安定して弱い。0 で無効。',
    ),
    'distributionMatching.rangeMin': says(
      '最もノイズの多い水準',
      'DM が引く τ の最小値。0 は純粋なノイズで、構図と色が決まるところ。',
    ),
    'distributionMatching.rangeMax': says(
      '最もきれいな水準',
      'DM が引く τ の最大値。1 はきれいな画像で、質感だけが残るところ。',
    ),
    'meanVariance.weight': says(
      '平均・分散の重み',
      'モデルのいらない盾。各画像の平均と分散を実データの近くに保ちます。0 で無効。',
    ),
    'gan.weight': says('GAN の重み', '学ぶ盾。識別器が生徒の画像を実画像と比べます。0 で無効。'),
    'gan.discriminatorWeight': says(
      '識別器の重み',
      '識別器の損失がフェイクスコアモデルに及ぶ強さ。DM が有効なとき、識別器はその特徴を見ます。',
    ),
    'gan.learningRate': says(
      '識別器の学習率',
      '識別器自身の層の学習率。高すぎるとすぐに勝ってしまい、何も教えません。',
    ),
    'gan.r1': says('R1 の重み', 'γ。有限差分により、識別器を実画像の周りで平らに保ちます。0 で無効。'),
    'gan.rangeMin': says(
      '最もノイズの多い水準',
      '識別器が引く τ の最小値。0 は純粋なノイズで、構図と色が決まるところ。',
    ),
    'gan.rangeMax': says(
      '最もきれいな水準',
      '識別器が引く τ の最大値。1 はきれいな画像で、質感だけが残るところ。',
    ),
    'renoising.schedule': says(
      '再ノイズの方式',
      'CA と DM がどのノイズ水準で生徒を見るか。hybrid は d-DMD、coupled-shared は通常の DMD です。',
    ),
    'renoising.shift': says('再ノイズのシフト', '1 より大きいと再ノイズの抽選がノイズ側へ寄ります。'),
    'renoising.warmup': says(
      'ウォームアップ',
      '再ノイズの抽選が高いノイズから本来の方式へ移る反復数（DMDR と同様）。0 で無効。',
    ),
    'renoising.normalizer': says(
      '正規化',
      'per-sample は教師の予測との距離で割り（DMD）、time は 1 − τ で割ります。',
    ),
    'phased.phases': says(
      '段階の数',
      'Phased DMD がノイズからデータまでの道をいくつに分けるか。各段階がステップと反復を分け合います。',
    ),
    'phased.experts': says(
      'エキスパート',
      'each は段階ごとに別のネットワークを学習し、モデルが大きくなります。one は同じ生徒が全段階を通ります。',
    ),
    'consistency.levels': says(
      'ノイズ水準の数',
      '道をいくつの区間に分けるか。多いほど教師に忠実で、学習は遅くなります。',
    ),
    'consistency.skip': says(
      '飛ばす区間',
      '教師が一度に進む区間の数。多いほど、きれいな端の答えが早くノイズ側へ届きます。',
    ),
    'consistency.solver': says(
      '教師の解法',
      '教師がその一歩を進む方法。heun はより正確で、教師の評価が二倍かかります。',
    ),
    'consistency.distance': says(
      '距離',
      '二つの予測の隔たりの測り方。pseudo-huber は個々の大きな差を許し、squared は許しません。',
    ),
    'progressive.stages': says(
      '段階の数',
      'ステップ数を何回半分にするか。教師のステップ数は、生徒のものを同じ回数だけ倍にした数です。',
    ),
    'fakeScore.learningRate': says(
      'フェイクスコアの学習率',
      'フェイクスコアモデルが生徒を追う速さ。低すぎると盾が効きません。',
    ),
    'fakeScore.stepsPerStudentStep': says(
      'フェイクスコアの更新',
      '生徒の一回の更新ごとの、フェイクスコアの更新回数（二時間尺度）。',
    ),
    'fakeScore.trained': says(
      'フェイクスコアの学習',
      'if-used は DM に重みがあるときだけ学習し、always は影響しない生徒も観察させます。',
    ),
    'optimizer.learningRate': says('生徒の学習率', '高すぎると数百反復のうちに学習しすぎます。'),
    'optimizer.beta1': says('Adam β₁', '両最適化器のモーメンタム。蒸留では 0 が普通です。'),
    'optimizer.beta2': says('Adam β₂', '両最適化器の、勾配の二乗の記憶。'),
    'optimizer.weightDecay': says('重み減衰', '両最適化器の分離型の重み減衰。'),
    'optimizer.clipNorm': says('勾配クリップ', '両最適化器の最大の勾配ノルム。'),
    'training.iterations': says('反復数', '生徒の更新回数。小さなモデルは 100〜300 回が最良です。'),
    'training.batch': says('バッチ', '一回の更新に使う画像数。メモリーもそれに応じて増えます。'),
    'training.precision': says(
      '精度',
      '行列積の精度。重み、ノルム、和は float32 のままです。auto は、速くて同等だと測定された場合に bfloat16、次に float16 を使います。',
    ),
    'training.checkpointEvery': says(
      'チェックポイント間隔',
      'チェックポイント間の反復数。クラッシュで失うのは最大でこの分です。',
    ),
    'training.sampleEvery': says('サンプル間隔', '固定シードのサンプル画像の間の反復数。'),
    'supervision.chooseBest': says(
      '最良を選ぶ',
      'on は目標に最も近いチェックポイントで、off は最後のもので実行を終えます。',
    ),
    'supervision.patience': says(
      '忍耐',
      '最良を超えないチェックポイントがこの数だけ続くと早めに終わります。0 なら終わりません。最後より前の段階や区間は数えません。',
    ),
    'supervision.retunes': says(
      '自動の立て直し',
      'うまくいかない実行を、対処を加えて自動で巻き戻し分岐できる回数。0 なら任せません。',
    ),
  },
  teacher: {
    version: says('バージョン', 'この形式のバージョン。'),
    name: says('名前', 'ライブラリでの教師の名前。'),
    seed: says('シード', 'すべての乱数を決めます。'),
    data: says('データ', '学ぶもの。demo、toy、または画像のフォルダー。'),
    size: says('画像サイズ', '高さと幅。画素が四倍なら時間も四倍です。'),
    'network.width': says('幅', 'トークンあたりの数値の数（おもちゃのネットワークでは隠れユニット数）。'),
    'network.layers': says('層', 'ブロックの数。'),
    'network.heads': says('ヘッド', 'アテンションヘッドの数。'),
    'network.patch': says('パッチ', '一トークンの一辺の画素数。小さいほど細かく、はるかに遅くなります。'),
    'network.captions': says(
      '説明文を学ぶ',
      '教師とともに説明文のエンコーダーを学習します。しなければクラスだけです。',
    ),
    'timesteps.distribution': says('時刻の分布', '教師がどのノイズ水準で学習するか。'),
    'timesteps.mean': says('ロジット平均', '0 より小さいと、ノイズの多い半分を多く学習します。'),
    'timesteps.deviation': says('ロジット標準偏差', '学習する範囲の広さ。'),
    'timesteps.shift': says('シフト', '一様分布の時刻のシフト。'),
    conditionDropout: says(
      '条件ドロップアウト',
      'クラスも説明文もなしで学習するサンプルの割合。ガイダンスに必要です。',
    ),
    classDropout: says(
      'クラスドロップアウト',
      '説明文だけで学習するサンプルの割合。説明文だけで使えるようになります。',
    ),
    classBalance: says(
      'クラスの均衡',
      '0 は各画像を、1 は各クラスを等しく引きます。間なら大きなクラスが控えめになります。',
    ),
    'optimizer.learningRate': says('学習率', '最大値。ウォームアップの後、コサインで 0 まで下がります。'),
    'optimizer.warmup': says('ウォームアップ', '最大値に達するまでの反復数。'),
    'optimizer.beta1': says('Adam β₁', 'モーメンタム。'),
    'optimizer.beta2': says('Adam β₂', '勾配の二乗の記憶。'),
    'optimizer.weightDecay': says('重み減衰', '分離型の重み減衰。'),
    'optimizer.clipNorm': says('勾配クリップ', '最大の勾配ノルム。'),
    'training.iterations': says('反復数', '更新の総数。'),
    'training.batch': says('バッチ', '一回の更新に使う画像数。'),
    'training.precision': says(
      '精度',
      '行列積の精度。重み、ノルム、和は float32 のままです。auto は、速くて同等だと測定された場合に bfloat16、次に float16 を使います。',
    ),
    'training.emaDecay': says('重みの平均', '教師となる移動平均の減衰。'),
    'training.checkpointEvery': says('チェックポイント間隔', 'チェックポイント間の反復数。'),
    'training.sampleEvery': says('サンプル間隔', 'サンプル画像の間の反復数。'),
  },
  presets: {
    oneStep: says('1 ステップ、最速', 'ハイブリッド方式の CA と DM。一枚に一回の評価。'),
    fourSteps: says(
      '4 ステップ、最良',
      'd-DMD のハイブリッド方式の CA と DM。一枚に四回の評価で、より細かく。',
    ),
    ordinaryDmd: says('通常の DMD', 'CA と DM が一つのノイズ水準を共有。分離される前の形です。'),
    dmdr: says('DMDR の再ノイズ', '高いノイズから始め、半ばで本来の方式に達する d-DMD。構図から決まります。'),
    spearAlone: says('CA のみ', '正則化のない推進力。速く変わり、やがて彩度が上がりすぎます。観察用です。'),
    shieldAlone: says('DM のみ', '推進力のない正則化。安定しますが、ガイダンスがありません。'),
    meanVarianceShield: says(
      'CA と平均・分散',
      'データの平均と分散だけで CA を抑えます。フェイクスコアがなく、時間は半分。',
    ),
    ganShield: says(
      'CA と GAN',
      '実画像を知る識別器が CA を抑えます。フェイクスコアはなく、DM より弱い比較用です。',
    ),
    dmd2: says('DMD2', '通常の DMD に、フェイクスコアモデル上の識別器を加えたもの。画像が必要です。'),
    phased: says(
      'Phased DMD',
      '4 ステップを 2 段階に分け、それぞれにエキスパート。第一段階はノイズで終わり、第二段階がそこから始まります。ディスク上はネットワーク二つ。',
    ),
    consistency: says(
      'コンシステンシー',
      '潜在コンシステンシーモデルと同様、道のどの点も同じ答えを出します。フェイクスコアがなく速い比較用です。',
    ),
    progressive: says(
      'プログレッシブ',
      'ステップ数を 32 から 4 へ段階的に半減。生徒は新しいノイズなしで自身の流れに従います。比較用です。',
    ),
  },
  sentences: {
    'CA without a shield converts quickly, then variance rises without end (Fig 2). To watch, not to keep.':
      '盾のない CA は速く変わり、その後は分散が際限なく増えます（図 2）。観察用です。',
    'Without CA the student is stable but weak: nothing teaches it guidance (Fig 2).':
      'CA がなければ生徒は安定して弱く、ガイダンスを教えるものがありません（図 2）。',
    "At 1 CA is nothing, since it is (α − 1) times the guidance's direction.":
      '1 では CA は働きません。ガイダンスの方向の (α − 1) 倍だからです。',
    'This is far above what teachers are sampled with: expect saturated colours and little variety.':
      '教師のサンプルに使う値よりはるかに高く、彩度が上がり変化が乏しくなります。',
    "One τ for both is ordinary DMD; CA's own range is not used. In Table 1 d-DMD's hybrid is better.":
      '一つの τ を共有するのは通常の DMD で、CA 自身の範囲は使われません。表 1 では d-DMD の hybrid が優れます。',
    'The clean end alone collapses (Fig 4a: τ in [0.7, 1]).':
      'きれいな端だけでは崩壊します（図 4a：τ が [0.7, 1]）。',
    'So noisy a range makes composition and colour but little detail (Fig 4a).':
      'これほどノイズの多い範囲では構図と色だけで、細部はほとんど得られません（図 4a）。',
    "The student's last step is cleaner than this: CA sees only a sliver just above it there.":
      '生徒の最後のステップはこれよりきれいで、CA はそこでわずかな範囲しか見ません。',
    'DM should catch artefacts of every scale: those noisier than this go by.':
      'DM はあらゆる大きさのアラを捉えるべきです。これよりノイズの多いものは見逃されます。',
    'DM should catch artefacts of every scale: those cleaner than this go by.':
      'DM はあらゆる大きさのアラを捉えるべきです。これよりきれいなものは見逃されます。',
    'A fake-score model this slow lags behind the student, and the shield fails.':
      'これほど遅いフェイクスコアモデルは生徒に遅れ、盾が効きません。',
    "Each fake-score step takes about as long as a student's: this recipe trains slowly.":
      'フェイクスコアの一回は生徒の一回とほぼ同じ時間がかかり、このレシピの学習は遅くなります。',
    "This is fast for distillation: watch the deviation of the student's pictures for over-baking.":
      '蒸留としては速い値です。焼きすぎないか、生徒の画像の標準偏差に注意してください。',
    'With momentum the student follows directions of a fake-score model that has moved on.':
      'モーメンタムがあると、フェイクスコアモデルがもう離れた方向へ生徒が進みます。',
    "More steps re-noise a guided answer and answer again, which undoes part of the guidance: one step may be nearer to the teacher's.":
      'ステップを増やすと、ガイドされた答えに再びノイズを加えて答え直すため、ガイダンスが一部失われます。1 ステップの方が教師に近いことがあります。',
    "Below 1 the student's steps crowd at the clean end, where composition is settled already.":
      '1 より小さいと、構図がすでに決まったきれいな端にステップが集まります。',
    'The first checkpoint comes with the last iteration: a crash before it loses everything.':
      '最初のチェックポイントが最後の反復と同時です。その前に落ちるとすべてを失います。',
    "CA's noisiest level must lie below its cleanest.":
      'CA の最もノイズの多い水準は、最もきれいな水準より低くしてください。',
    "DM's noisiest level must lie below its cleanest.":
      'DM の最もノイズの多い水準は、最もきれいな水準より低くしてください。',
    "The discriminator's noisiest level must lie below its cleanest.":
      '識別器の最もノイズの多い水準は、最もきれいな水準より低くしてください。',
    'At least one term needs a weight above 0.': '少なくとも一つの項に 0 より大きい重みが必要です。',
    'A GAN, consistency and progressive distillation need real pictures: choose a folder or zip of them.':
      'GAN、コンシステンシー、プログレッシブ蒸留には実画像が必要です。フォルダーか zip を選んでください。',
    'The skip must be smaller than the number of noise levels.':
      '飛ばす区間はノイズ水準の数より小さくしてください。',
    'Each phase needs at least one step of the student and one iteration.':
      '各段階には少なくとも生徒の 1 ステップと 1 反復が必要です。',
    'Each stage needs at least one iteration.': '各段階には少なくとも 1 反復が必要です。',
  },
  needs,
  unknown: 'この設定はありません。',
  units: { iterations: '反復', images: '枚', pixels: 'ピクセル', checkpoints: '個のチェックポイント' },
};
