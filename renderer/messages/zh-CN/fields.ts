import type { FieldBounds } from '../../../engine/contract/fieldBounds.ts';
import type { Words } from '../en.ts';

/** A setting's label and help. */
const says = (label: string, help: string) => ({ label, help });

/** A number's bounds in words. */
function needs(bounds: FieldBounds): string {
  switch (bounds.kind) {
    case 'number': {
      const { whole, above, minimum, maximum } = bounds;
      const kind = whole ? '整数' : '数字';
      return above
        ? `须为大于 ${minimum}、不超过 ${maximum} 的${kind}。`
        : `须为 ${minimum} 至 ${maximum} 的${kind}。`;
    }
    case 'choice':
      return `须为以下之一：${bounds.values.join('、')}。`;
    case 'text':
      return `须为 1 至 ${bounds.most} 个字符。`;
    case 'fixed':
      return `须为 ${bounds.value}。`;
  }
}

export const fields: Words['fields'] = {
  recipe: {
    version: says('版本', '此格式的版本。'),
    name: says('名称', '学生在图库中的名称。'),
    seed: says('种子', '一切随机抽取都由它决定：相同的配方和种子得到相同的学生。'),
    teacher: says('教师', '要蒸馏的模型：自带的 emoji 或 toy，或教师文件夹。'),
    data: says(
      '数据',
      '说明文字和图像统计的来源：demo、toy、图片文件夹或 zip；没有图片时，可用 classes（教师的类别）或每行一条提示词的 .txt。',
    ),
    method: says(
      '方法',
      'decoupled-dmd 匹配分布；phased（Phased DMD）从噪声到数据分阶段进行；consistency（同 LCM）和 progressive 沿教师自己的路径学习，作为对照。',
    ),
    'student.steps': says('步数', '学生生成一张图所需的网络求值次数。'),
    'student.shift': says('时间步偏移', '大于 1 时学生的各步偏向噪声；大图常用 3。'),
    'student.emaDecay': says('权重平均', '学生权重滑动平均的衰减；越高越平滑，也越慢。'),
    'guidance.scale': says('引导强度', 'α：CA 推向条件的力度，相当于教师自身的引导强度。'),
    'cfgAugmentation.weight': says('CA 权重', '矛：把学生变成少步模型。单独使用会过饱和；0 为关闭。'),
    'cfgAugmentation.rangeMin': says('最多噪声', 'CA 可抽取的最小 τ；0 为纯噪声，构图和颜色在此决定。'),
    'cfgAugmentation.rangeMax': says('最少噪声', 'CA 可抽取的最大 τ；1 为干净图像，只剩纹理。'),
    'distributionMatching.weight': says('DM 权重', '盾：消除 CA 带来的瑕疵。单独使用稳定但弱；0 为关闭。'),
    'distributionMatching.rangeMin': says('最多噪声', 'DM 可抽取的最小 τ；0 为纯噪声，构图和颜色在此决定。'),
    'distributionMatching.rangeMax': says('最少噪声', 'DM 可抽取的最大 τ；1 为干净图像，只剩纹理。'),
    'meanVariance.weight': says(
      '均值–方差权重',
      '不需模型的盾：让每张图的均值和方差接近真实数据。0 为关闭。',
    ),
    'gan.weight': says('GAN 权重', '会学习的盾：判别器把学生的图与真实图比较。0 为关闭。'),
    'gan.discriminatorWeight': says(
      '判别器权重',
      '判别器的损失对伪分数模型的影响；开启 DM 时它使用该模型的特征。',
    ),
    'gan.learningRate': says('判别器学习率', '判别器自身各层的学习率；过高则它立刻取胜，什么也教不了。'),
    'gan.r1': says('R1 权重', 'γ：以有限差分让判别器在真实图附近保持平坦；0 为关闭。'),
    'gan.rangeMin': says('最多噪声', '判别器可抽取的最小 τ；0 为纯噪声，构图和颜色在此决定。'),
    'gan.rangeMax': says('最少噪声', '判别器可抽取的最大 τ；1 为干净图像，只剩纹理。'),
    'renoising.schedule': says(
      '再加噪方案',
      'CA 和 DM 在哪些噪声水平查看学生；hybrid 即 d-DMD，coupled-shared 为普通 DMD。',
    ),
    'renoising.shift': says('再加噪偏移', '大于 1 时再加噪的抽取偏向噪声。'),
    'renoising.warmup': says('预热', '再加噪的抽取从高噪声过渡到方案本身所用的迭代数，同 DMDR；0 为关闭。'),
    'renoising.normalizer': says('归一化', 'per-sample 除以与教师预测的距离（DMD）；time 除以 1 − τ。'),
    'phased.phases': says('阶段数', 'Phased DMD 把噪声到数据的路分成几段；每段分得相应的步数和迭代。'),
    'phased.experts': says(
      '专家',
      'each 为每个阶段训练自己的网络，模型随之变大；one 让同一学生经过所有阶段。',
    ),
    'consistency.levels': says(
      '噪声级数',
      '一致性方法把噪声到数据的路分成多少段；越多越忠于教师，学得越慢。',
    ),
    'consistency.skip': says('跨度', '教师一次跨过多少段；越多，干净端的答案越快传到噪声端。'),
    'consistency.solver': says('教师求解器', '教师如何走这一步；heun 更准确，教师的求值加倍。'),
    'consistency.distance': says('距离', '两个预测相差多少；pseudo-huber 容忍个别大差异，squared 不容忍。'),
    'progressive.stages': says('阶段数', '渐进蒸馏把步数减半多少次：教师的步数是学生的步数同样次数地加倍。'),
    'fakeScore.learningRate': says('伪分数学习率', '伪分数模型跟随学生的速度；过低则盾失效。'),
    'fakeScore.stepsPerStudentStep': says('伪分数步数', '学生每更新一次，伪分数更新几次（双时间尺度）。'),
    'fakeScore.trained': says(
      '伪分数的训练',
      'if-used 仅在 DM 有权重时训练；always 让它观察不受其影响的学生。',
    ),
    'optimizer.learningRate': says('学生学习率', '过高则学生在数百次迭代内训练过头。'),
    'optimizer.beta1': says('Adam β₁', '两个优化器的动量；蒸馏通常为 0。'),
    'optimizer.beta2': says('Adam β₂', '两个优化器对梯度平方的记忆。'),
    'optimizer.weightDecay': says('权重衰减', '两个优化器的解耦权重衰减。'),
    'optimizer.clipNorm': says('梯度裁剪', '两个优化器的最大梯度范数。'),
    'training.iterations': says('迭代', '学生的更新次数。小模型在 100 至 300 次时最好。'),
    'training.batch': says('批量', '每次更新的图片数；内存随之增长。'),
    'training.precision': says(
      '精度',
      '矩阵乘积的精度；权重、范数与求和保持 float32。auto 在实测更快且同样好时使用 bfloat16，其次 float16。',
    ),
    'training.checkpointEvery': says('检查点间隔', '检查点之间的迭代数；崩溃最多损失这么多。'),
    'training.sampleEvery': says('采样间隔', '固定种子样图之间的迭代数。'),
    'supervision.chooseBest': says('选取最佳', 'on 以最接近目标的检查点结束运行；off 以最后一个结束。'),
    'supervision.patience': says(
      '耐心',
      '连续这么多检查点都不优于最佳时提前结束；0 表示从不。最后一个阶段之前的不计。',
    ),
    'supervision.retunes': says('自动调整', '出问题的运行可自行回退并带补救措施分支几次；0 表示由您决定。'),
  },
  teacher: {
    version: says('版本', '此格式的版本。'),
    name: says('名称', '教师在资料库中的名称。'),
    seed: says('种子', '一切随机抽取都由它决定。'),
    data: says('数据', '学习的内容：demo、toy 或图片文件夹。'),
    size: says('图像尺寸', '高和宽；像素为四倍，时间也为四倍。'),
    'network.width': says('宽度', '每个 token 的数值个数（玩具网络为隐藏单元数）。'),
    'network.layers': says('层数', '块的数量。'),
    'network.heads': says('头数', '注意力头的数量。'),
    'network.patch': says('图块', '每个 token 每边的像素；越小越精细，也慢得多。'),
    'network.captions': says('学习说明文字', '与教师一起训练说明文字编码器；否则只用类别。'),
    'timesteps.distribution': says('时间步分布', '教师在哪些噪声水平训练。'),
    'timesteps.mean': says('Logit 均值', '小于 0 时更多训练噪声较多的一半。'),
    'timesteps.deviation': says('Logit 标准差', '训练范围的宽度。'),
    'timesteps.shift': says('偏移', '均匀分布的时间步偏移。'),
    conditionDropout: says('条件丢弃', '不带类别和说明文字训练的样本比例，使引导可用。'),
    classDropout: says('类别丢弃', '带说明文字而不带类别训练的样本比例，使单凭说明文字也可用。'),
    classBalance: says('类别平衡', '0 让每张图同样常被抽到，1 让每个类别同样；居中则大类别占得少些。'),
    'optimizer.learningRate': says('学习率', '峰值；先预热，再沿余弦降到零。'),
    'optimizer.warmup': says('预热', '到达峰值之前的迭代数。'),
    'optimizer.beta1': says('Adam β₁', '动量。'),
    'optimizer.beta2': says('Adam β₂', '对梯度平方的记忆。'),
    'optimizer.weightDecay': says('权重衰减', '解耦的权重衰减。'),
    'optimizer.clipNorm': says('梯度裁剪', '最大梯度范数。'),
    'training.iterations': says('迭代', '更新总数。'),
    'training.batch': says('批量', '每次更新的图片数。'),
    'training.precision': says(
      '精度',
      '矩阵乘积的精度；权重、范数与求和保持 float32。auto 在实测更快且同样好时使用 bfloat16，其次 float16。',
    ),
    'training.emaDecay': says('权重平均', '成为教师的滑动平均的衰减。'),
    'training.checkpointEvery': says('检查点间隔', '检查点之间的迭代数。'),
    'training.sampleEvery': says('采样间隔', '样图之间的迭代数。'),
  },
  presets: {
    oneStep: says('1 步，最快', '混合方案的 CA 和 DM：每张图求值一次。'),
    fourSteps: says('4 步，最好', 'd-DMD 混合方案的 CA 和 DM：每张图求值四次，细节更好。'),
    ordinaryDmd: says('普通 DMD', 'CA 和 DM 共用一个噪声水平，如解耦之前。'),
    dmdr: says('DMDR 再加噪', 'd-DMD，噪声水平从高处开始，到一半时到达方案本身：先定构图。'),
    spearAlone: says('仅 CA', '没有正则的引擎：转换快，随后过饱和。供观察，不宜保留。'),
    shieldAlone: says('仅 DM', '没有引擎的正则：稳定，但没有引导。'),
    meanVarianceShield: says('CA 加均值–方差', '仅以数据的均值和方差约束 CA：没有伪分数模型，时间减半。'),
    ganShield: says('CA 加 GAN', '由认识真实图的判别器约束 CA，没有伪分数：弱于 DM。供比较。'),
    dmd2: says('DMD2', '普通 DMD，并在伪分数模型上加判别器；需要图片。'),
    phased: says(
      'Phased DMD',
      '四步分两个阶段，各有一位专家：第一阶段止于噪声，第二阶段由此开始。磁盘上是两个网络。',
    ),
    consistency: says('一致性', '同潜在一致性模型：路径上的每一点给出相同答案。没有伪分数，速度快；供对照。'),
    progressive: says('渐进', '步数逐阶段减半，从 32 到 4；学生沿自己的流前进，不加新噪声。供对照。'),
  },
  sentences: {
    'CA without a shield converts quickly, then variance rises without end (Fig 2). To watch, not to keep.':
      '没有盾的 CA 转换很快，随后方差无止境地上升（图 2）。供观察，不宜保留。',
    'Without CA the student is stable but weak: nothing teaches it guidance (Fig 2).':
      '没有 CA，学生稳定但弱：没有什么教它引导（图 2）。',
    "At 1 CA is nothing, since it is (α − 1) times the guidance's direction.":
      '为 1 时 CA 不起作用，因为它是引导方向的 (α − 1) 倍。',
    'This is far above what teachers are sampled with: expect saturated colours and little variety.':
      '远高于教师采样时所用的值：颜色会过饱和，变化会很少。',
    "One τ for both is ordinary DMD; CA's own range is not used. In Table 1 d-DMD's hybrid is better.":
      '两者共用一个 τ 即普通 DMD，CA 自己的范围不被使用。表 1 中 d-DMD 的 hybrid 更好。',
    'The clean end alone collapses (Fig 4a: τ in [0.7, 1]).':
      '只用干净的一端会坍缩（图 4a：τ 在 [0.7, 1]）。',
    'So noisy a range makes composition and colour but little detail (Fig 4a).':
      '如此嘈杂的范围只决定构图和颜色，细节很少（图 4a）。',
    "The student's last step is cleaner than this: CA sees only a sliver just above it there.":
      '学生的最后一步比这更干净：CA 在那里只看到其上方的一小段。',
    'DM should catch artefacts of every scale: those noisier than this go by.':
      'DM 应捕捉各种尺度的瑕疵：比这更嘈杂的会漏过。',
    'DM should catch artefacts of every scale: those cleaner than this go by.':
      'DM 应捕捉各种尺度的瑕疵：比这更干净的会漏过。',
    'A fake-score model this slow lags behind the student, and the shield fails.':
      '这么慢的伪分数模型会落后于学生，盾便失效。',
    "Each fake-score step takes about as long as a student's: this recipe trains slowly.":
      '每个伪分数步约与学生的一步同样耗时：此配方训练较慢。',
    "This is fast for distillation: watch the deviation of the student's pictures for over-baking.":
      '对蒸馏而言这很快：请留意学生图片的标准差，以防过度烘焙。',
    'With momentum the student follows directions of a fake-score model that has moved on.':
      '有动量时，学生会跟随伪分数模型早已离开的方向。',
    "More steps re-noise a guided answer and answer again, which undoes part of the guidance: one step may be nearer to the teacher's.":
      '更多步会把已引导的答案再加噪并重新作答，从而抵消一部分引导：一步可能更接近教师。',
    "Below 1 the student's steps crowd at the clean end, where composition is settled already.":
      '小于 1 时学生的各步挤在干净的一端，那里构图早已确定。',
    'The first checkpoint comes with the last iteration: a crash before it loses everything.':
      '第一个检查点与最后一次迭代同时到来：在此之前崩溃会失去一切。',
    "CA's noisiest level must lie below its cleanest.": 'CA 的最多噪声水平须低于其最少噪声水平。',
    "DM's noisiest level must lie below its cleanest.": 'DM 的最多噪声水平须低于其最少噪声水平。',
    "The discriminator's noisiest level must lie below its cleanest.":
      '判别器的最多噪声水平须低于其最少噪声水平。',
    'At least one term needs a weight above 0.': '至少一项的权重须大于 0。',
    'A GAN, consistency and progressive distillation need real pictures: choose a folder or zip of them.':
      'GAN、一致性和渐进蒸馏需要真实图片：请选择图片文件夹或 zip。',
    'The skip must be smaller than the number of noise levels.': '跨度须小于噪声级数。',
    'Each phase needs at least one step of the student and one iteration.':
      '每个阶段至少需要学生的一步和一次迭代。',
    'Each stage needs at least one iteration.': '每个阶段至少需要一次迭代。',
  },
  needs,
  unknown: '没有这个设置。',
  units: { iterations: '次迭代', images: '张图片', pixels: '像素', checkpoints: '个检查点' },
};
